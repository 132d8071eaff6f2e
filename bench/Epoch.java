package org.adjoint.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the training data.
 *
 * @param epoch counted from 1
 * @param trainLoss mean over the epoch; a run that diverged may have NaN, a string in the file
 * @param testError the share of the test set that is wrong afterwards, from 0 to 1; null where the
 *     sample does not classify
 * @param seconds what the pass took, without the test
 * @param steps of training that it took; null where nobody counted
 */
public record Epoch(
    @JsonProperty(required = true) int epoch,
    @JsonProperty(required = true) double trainLoss,
    @Nullable Double testError,
    @JsonProperty(required = true) double seconds,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer steps) {
  /** Refuses, among others, an error in per cent. */
  public Epoch {
    Require.that(epoch >= 1, "epoch", "must be 1 or more", epoch);
    Require.that(
        testError == null || (testError >= 0 && testError <= 1),
        "test_error",
        "is a share from 0 to 1",
        testError);
    Require.that(seconds >= 0 && Double.isFinite(seconds), "seconds", "must be 0 or more", seconds);
    Require.that(steps == null || steps >= 1, "steps", "must be 1 or more", steps);
  }

  /** A pass whose steps nobody counted. */
  public Epoch(int epoch, double trainLoss, @Nullable Double testError, double seconds) {
    this(epoch, trainLoss, testError, seconds, null);
  }
}
