package org.adjoint.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How fast a device can be: the two sides of a roofline (Williams, Waterman and Patterson,
 * Roofline, 2009).
 *
 * @param measured whether they were found in the same run; else they are the maker's figures
 * @param bytesPerSecond that a copy within the device reads and writes
 * @param flopPerSecond by kind of arithmetic: {@code F32}, {@code F64}, {@code TF32}, {@code BF16}
 */
public record Ceilings(
    @JsonProperty(required = true) boolean measured,
    @JsonProperty(required = true) double bytesPerSecond,
    Map<String, Double> flopPerSecond) {
  /** Refuses what no device has. */
  public Ceilings {
    Require.that(bytesPerSecond > 0, "bytes_per_second", "must be above 0", bytesPerSecond);
    Require.present("flop_per_second", flopPerSecond);
    flopPerSecond.forEach(
        (kind, rate) -> Require.that(rate > 0, "flop_per_second." + kind, "must be above 0", rate));
    flopPerSecond = Collections.unmodifiableMap(new TreeMap<>(flopPerSecond));
  }
}
