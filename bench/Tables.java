package org.adjoint.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.adjoint.bench.cpu.CpuTable;
import org.adjoint.bench.host.HostTable;
import org.adjoint.bench.kernels.ChoiceTable;
import org.adjoint.bench.kernels.FamilyTable;

/** The tables that the README can show: a name, the files it is made of, and how. */
public final class Tables implements Function<String, String> {
  /**
   * One table.
   *
   * @param files a glob in {@code bench/results}; the files are taken in the order of their names
   * @param none what stands there as long as there is no file; empty if that is an error
   */
  private record Table(String files, Function<List<Path>, String> markdown, String none) {
    static Table of(String files, Function<List<Results>, String> markdown, String none) {
      return new Table(
          files, paths -> markdown.apply(paths.stream().map(ResultFile::read).toList()), none);
    }
  }

  private static final String NONE = "No run is on record yet.\n";

  /** A new table is one line here. */
  private static final Map<String, Table> TABLES =
      new TreeMap<>(
          Map.of(
              "cpu", Table.of("cpu-*.json", CpuTable::of, NONE),
              "gpu-lenet", new Table("gpu-lenet-*.jsonl", GpuTraining::table, NONE),
              "host", Table.of("host-*.json", HostTable::of, NONE),
              "kernels", Table.of("kernels-*.json", FamilyTable::of, NONE),
              "variants", Table.of("kernels-*.json", ChoiceTable::of, NONE),
              "lenet-mnist", Table.of("lenet-mnist*.json", TrainingTable::of, ""),
              "lenet5-mnist", Table.of("lenet5-mnist*.json", ContestTable::of, "")));

  private final Path folder;

  Tables(Path folder) {
    this.folder = folder;
  }

  /**
   * The table of that name.
   *
   * @throws IllegalArgumentException if there is none, or no file to make it of
   */
  @Override
  public String apply(String name) {
    Table table = TABLES.get(name);
    if (table == null) {
      throw new IllegalArgumentException(
          "no table is named %s; there is: %s".formatted(name, String.join(", ", TABLES.keySet())));
    }
    List<Path> files = files(table.files());
    if (files.isEmpty() && !table.none().isEmpty()) {
      return table.none();
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "results:%s: there is no %s in %s".formatted(name, table.files(), folder));
    }
    return table.markdown().apply(files);
  }

  private List<Path> files(String glob) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    var files = new ArrayList<Path>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, glob)) {
      found.forEach(files::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files.stream().sorted().toList();
  }

  /** What the numbers of a file were measured on. */
  static String hardware(Results run) {
    Environment environment = run.environment();
    if (environment.device() != null) {
      return environment.device();
    }
    String cpu = Objects.requireNonNullElse(environment.cpu(), environment.os());
    Integer threads = environment.threads();
    int used = threads == null ? environment.processors() : threads;
    return cpu + ", " + used + (used == 1 ? " thread" : " threads");
  }

  /** The sources that were measured, in code font, or nothing. */
  static String commit(Environment environment) {
    String commit = environment.commit();
    if (commit == null) {
      return "";
    }
    String[] parts = commit.split("\\+", 2);
    String brief = parts[0].substring(0, Math.min(10, parts[0].length()));
    return parts.length == 1 ? "`" + brief + "`" : "`" + brief + "` with changes";
  }

  /** A line, and an empty one, that say where a file was made and of which sources. */
  public static String heading(Results file) {
    String commit = commit(file.environment());
    return "%s%s:\n\n".formatted(hardware(file), commit.isEmpty() ? "" : ", " + commit);
  }

  /** A table for each file, under a line that says where it was made. */
  public static String each(List<Results> files, Function<Results, List<List<String>>> rows) {
    return files.stream()
        .map(file -> heading(file) + markdown(rows.apply(file)))
        .collect(Collectors.joining("\n"));
  }

  /** A Markdown table: the first row is its head, where a # before a name marks numbers. */
  public static String markdown(List<List<String>> rows) {
    List<String> head = rows.get(0);
    var text = new StringBuilder(line(head.stream().map(name -> name.replace("#", "")).toList()));
    List<String> rule = head.stream().map(name -> name.startsWith("#") ? "---:" : "---").toList();
    text.append("|").append(String.join("|", rule)).append("|\n");
    rows.stream().skip(1).map(Tables::line).forEach(text::append);
    return text.toString();
  }

  /** A cell may hold what a file says, which must not break the table. */
  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replaceAll("[\\r\\n|]", " ").replace("<!--", "<! --"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
