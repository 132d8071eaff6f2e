package org.adjoint.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.adjoint.check.Quantiles;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A network that Adjoint and PyTorch trained on one GPU, as {@code gpu-all} found it: in its file,
 * each line is a training.
 *
 * @param by {@code adjoint} or {@code pytorch}
 * @param mode how steps were taken: {@code eager}, {@code graph}, …
 * @param tf32 whether products were of TF32
 * @param device the GPU, as PyTorch names it
 * @param environment of Adjoint's
 * @param versions of PyTorch and its libraries
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record GpuTraining(
    String by,
    String mode,
    boolean tf32,
    @Nullable String device,
    @Nullable Environment environment,
    @JsonSetter(nulls = Nulls.AS_EMPTY) Map<String, @Nullable Object> versions,
    @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL) List<Epoch> epochs) {
  private static final String PEER = "pytorch";
  private static final double US = 1e6;

  /** Refuses a line that does not say whose it is. */
  GpuTraining {
    Require.present("by", by);
    Require.present("mode", mode);
  }

  /** A table for each file, under a line that says where it was measured. */
  static String table(List<Path> files) {
    List<String> tables = new ArrayList<>();
    for (Path file : files) {
      List<GpuTraining> trainings = read(file);
      tables.add(heading(trainings) + Tables.markdown(rows(trainings)));
    }
    return String.join("\n", tables);
  }

  private static List<GpuTraining> read(Path file) {
    List<GpuTraining> trainings = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        trainings.add(Json.MAPPER.readValue(line, GpuTraining.class));
      }
    } catch (IOException e) {
      throw new UserError(file + ": cannot be read: " + e, e);
    } catch (JacksonException e) {
      int at = trainings.size() + 1;
      throw new UserError("%s: line %d: %s".formatted(file, at, Json.fault(e)), e);
    }
    trainings.removeIf(training -> training.epochs.isEmpty());
    return trainings;
  }

  /** The GPU, the sources, and the peer's version, as far as a line of the file tells. */
  private static String heading(List<GpuTraining> trainings) {
    List<String> facts = new ArrayList<>();
    first(trainings, t -> t.environment == null ? t.device : t.environment.device())
        .ifPresent(facts::add);
    first(trainings, t -> t.environment == null ? null : Tables.commit(t.environment))
        .ifPresent(facts::add);
    first(trainings, t -> t.versions.get("torch"))
        .ifPresent(torch -> facts.add("PyTorch " + torch));
    return String.join(", ", facts) + ":\n\n";
  }

  private interface Fact {
    @Nullable Object of(GpuTraining training);
  }

  private static Optional<String> first(List<GpuTraining> trainings, Fact fact) {
    return trainings.stream()
        .map(fact::of)
        .filter(Objects::nonNull)
        .findFirst()
        .map(Object::toString);
  }

  private static List<List<String>> rows(List<GpuTraining> trainings) {
    double eager =
        trainings.stream()
            .filter(t -> t.by.equals(PEER) && t.mode.equals("eager"))
            .mapToDouble(GpuTraining::microseconds)
            .findFirst()
            .orElse(Double.NaN);
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "by", "steps", "#epochs", "#seconds", "#us a step", "#× PyTorch eager", "#test error"));
    for (GpuTraining training : trainings) {
      rows.add(training.row(eager));
    }
    return rows;
  }

  private List<String> row(double eager) {
    double seconds = epochs.stream().mapToDouble(Epoch::seconds).sum();
    Double error = epochs.getLast().testError();
    double step = microseconds();
    return List.of(
        by,
        mode + (tf32 ? ", TF32" : ""),
        "" + epochs.size(),
        number("%.2f", seconds),
        number("%.1f", step),
        number("%.2f", eager / step),
        error == null ? "" : number("%.2f %%", 100 * error));
  }

  /** A number, or nothing if it isn't known. */
  private static String number(String format, double value) {
    return Double.isFinite(value) ? Tables.number(format, value) : "";
  }

  /** What a step took: the median over epochs, of which the first may have warmed up. */
  private double microseconds() {
    return Quantiles.median(
        epochs.stream()
            .filter(epoch -> epoch.steps() != null)
            .mapToDouble(epoch -> US * epoch.seconds() / Objects.requireNonNull(epoch.steps())));
  }
}
