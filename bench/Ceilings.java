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
  /** Above this share of what the ceilings allow, the time or a ceiling is wrong. */
  public static final double MOST = 1.03;

  /** Refuses what no device has. */
  public Ceilings {
    Require.that(bytesPerSecond > 0, "bytes_per_second", "must be above 0", bytesPerSecond);
    Require.present("flop_per_second", flopPerSecond);
    flopPerSecond.forEach(
        (kind, rate) -> Require.that(rate > 0, "flop_per_second." + kind, "must be above 0", rate));
    flopPerSecond = Collections.unmodifiableMap(new TreeMap<>(flopPerSecond));
  }

  /**
   * The least time for so many bytes and floating-point operations, in seconds. Arithmetic of a
   * kind that has no ceiling takes none.
   */
  public double seconds(double bytes, double flop, String kind) {
    Double rate = flopPerSecond.get(kind);
    return Math.max(bytes / bytesPerSecond, rate == null ? 0 : flop / rate);
  }
}
