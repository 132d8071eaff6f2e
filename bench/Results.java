package org.adjoint.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file of results holds: a training run, whose fields stand at the top level, or the rows of
 * a benchmark, or both where a sample measures more than its epochs.
 *
 * <pre>{@code
 * { "schema": 1,                                   { "schema": 1,
 *   "environment": { "commit": "4f2a…", … },         "environment": { … },
 *   "sample": "lenet", "device": "cpu",              "results": [
 *   "seed": 0, "parameters": 120458,                   { "what": "softmax forward",
 *   "epochs": [                                          "variant": "online", "device": "cpu",
 *     { "epoch": 1, "train_loss": 0.41,                  "dtype": "F32", "shape": "[32, 784]",
 *       "test_error": 0.041, "seconds": 9.7 } ] }        "n": 100, "median": 11.8, … } ] }
 * }</pre>
 *
 * <p>Fields without a value are left out of the file.
 *
 * @param sample the sample's name, which makes this a training run
 * @param variant what is not as the sample has it by default, such as {@code momentum 0.9}
 * @param device of the training run; each row of a benchmark has its own
 * @param parameters how many numbers were trained
 * @param ceilings of the GPU that a benchmark's kernels ran on
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Results(
    int schema,
    Environment environment,
    @Nullable String sample,
    @Nullable String variant,
    @Nullable String device,
    @Nullable Long seed,
    @Nullable Long parameters,
    @Nullable Ceilings ceilings,
    @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL) List<Epoch> epochs,
    @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL) List<Result> results) {

  /** The schema written here, and the only one read. */
  public static final int SCHEMA = 1;

  /** Refuses half a training run, and a file about nothing. */
  public Results {
    Require.that(schema == SCHEMA, "schema", "must be " + SCHEMA, schema);
    Require.present("environment", environment);
    epochs = List.copyOf(epochs);
    results = List.copyOf(results);
    if (sample != null
        || device != null
        || seed != null
        || parameters != null
        || !epochs.isEmpty()) {
      Require.present("sample", sample);
      Require.present("device", device);
      Require.present("seed", seed);
      Require.present("parameters", parameters);
    } else {
      Require.that(
          !results.isEmpty(), "results", "must have a row where there is no sample", "none");
    }
    for (int i = 1; i < epochs.size(); i++) {
      int epoch = epochs.get(i).epoch();
      Require.that(epoch > epochs.get(i - 1).epoch(), "epochs", "must rise", epoch);
    }
  }

  /** A training run. */
  public static Results run(
      Environment environment,
      String sample,
      String device,
      long seed,
      long parameters,
      List<Epoch> epochs) {
    return new Results(
        SCHEMA, environment, sample, null, device, seed, parameters, null, epochs, List.of());
  }

  /** The rows of a benchmark. */
  public static Results rows(Environment environment, List<Result> rows) {
    return new Results(SCHEMA, environment, null, null, null, null, null, null, List.of(), rows);
  }

  /** The same run, saying in which way it was not the usual one. */
  public Results withVariant(String text) {
    return new Results(
        schema, environment, sample, text, device, seed, parameters, ceilings, epochs, results);
  }

  /** The same run with further measurements. */
  public Results withResults(List<Result> rows) {
    return new Results(
        schema, environment, sample, variant, device, seed, parameters, ceilings, epochs, rows);
  }

  /** The same benchmark, saying how fast the device can be. */
  public Results withCeilings(@Nullable Ceilings limits) {
    return new Results(
        schema, environment, sample, variant, device, seed, parameters, limits, epochs, results);
  }
}
