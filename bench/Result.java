package org.adjoint.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.check.Quantiles;
import org.jspecify.annotations.Nullable;

/**
 * One row of a benchmark: what was measured, how often, and what came out. Null, or empty, is what
 * was not measured; the file leaves it out.
 *
 * @param what the thing measured, such as {@code softmax forward}
 * @param variant which of several ways to do it
 * @param shape the operands as messages print them, such as {@code [32, 784] × [784, 10]}
 * @param n how many samples the three numbers after it sum up
 * @param unit of the median, p10, p90 and the samples: a time (s, ms, us, ns), of which less is
 *     better; a rate (images/s), of which more is better; or any other word
 * @param bytes that must be moved at the least
 * @param flop floating point operations, a fused multiply-add counting as two
 * @param errorShare the greatest error as a share of its bound: at most 1, or the row is worthless
 * @param versions of the peers and libraries involved, by name
 * @param samples what was measured, one by one, in order
 * @param ratios how many times as fast as each peer this was, by the peer's name
 * @param kernel what else is known of a GPU's kernel
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Result(
    String what,
    @Nullable String variant,
    @Nullable String device,
    @Nullable String dtype,
    @Nullable String shape,
    @Nullable Long seed,
    @JsonProperty(required = true) int n,
    @JsonProperty(required = true) double median,
    @JsonProperty(required = true) double p10,
    @JsonProperty(required = true) double p90,
    String unit,
    @Nullable Long bytes,
    @Nullable Long flop,
    @Nullable Double errorShare,
    @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL) Map<String, String> versions,
    @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL) List<Double> samples,
    @JsonSetter(nulls = Nulls.AS_EMPTY, contentNulls = Nulls.FAIL) Map<String, Ratio> ratios,
    @Nullable KernelFacts kernel) {

  /** A speed as a share of a peer's: the median over rounds, and the 95 % interval of it. */
  public record Ratio(
      @JsonProperty(required = true) double median,
      @JsonProperty(required = true) double low,
      @JsonProperty(required = true) double high) {
    /** Refuses what is no ratio of times. */
    public Ratio {
      Require.that(
          low > 0 && low <= median && median <= high && Double.isFinite(high),
          "ratio",
          "must be 0 < low <= median <= high",
          low + ", " + median + ", " + high);
    }
  }

  /** What must be equal in two rows for their numbers to be comparable. */
  public record Key(
      String what,
      @Nullable String variant,
      @Nullable String device,
      @Nullable String dtype,
      @Nullable String shape) {
    @Override
    public String toString() {
      return Stream.of(what, variant, device, dtype, shape)
          .filter(Objects::nonNull)
          .collect(Collectors.joining(" "));
    }
  }

  /** Refuses numbers that cannot be right. */
  public Result {
    Require.present("what", what);
    Require.present("unit", unit);
    Require.that(n >= 1, "n", "must be 1 or more", n);
    Require.that(Double.isFinite(median), "median", "must be finite", median);
    Require.that(Double.isFinite(p10) && p10 <= median, "p10", "must not exceed the median", p10);
    Require.that(Double.isFinite(p90) && p90 >= median, "p90", "must reach the median", p90);
    Require.that(bytes == null || bytes >= 0, "bytes", "must be 0 or more", bytes);
    Require.that(flop == null || flop >= 0, "flop", "must be 0 or more", flop);
    Require.that(
        errorShare == null || errorShare >= 0, "error_share", "must be 0 or more", errorShare);
    Require.that(
        samples.isEmpty() || samples.size() == n, "samples", "must be n of them", samples.size());
    Require.that(
        samples.stream().allMatch(Double::isFinite),
        "samples",
        "must be finite",
        "NaN or infinity");
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    samples = List.copyOf(samples);
    ratios = Collections.unmodifiableMap(new TreeMap<>(ratios));
  }

  /** Starts a row. */
  public static Builder of(String what) {
    return new Builder(what);
  }

  /** The same, measured on {@code where}. */
  public Result on(Device where) {
    return new Result(
        what,
        variant,
        where.toString(),
        dtype,
        shape,
        seed,
        n,
        median,
        p10,
        p90,
        unit,
        bytes,
        flop,
        errorShare,
        versions,
        samples,
        ratios,
        kernel);
  }

  /** What this row is about. */
  public Key key() {
    return new Key(what, variant, device, dtype, shape);
  }

  /** Collects what is known of a row; {@code samples} or {@code value} must be called. */
  public static final class Builder {
    private final String what;
    private @Nullable String variant;
    private @Nullable String device;
    private @Nullable String dtype;
    private @Nullable String shape;
    private @Nullable Long seed;
    private String unit = "";
    private double[] samples = {};
    private @Nullable Long bytes;
    private @Nullable Long flop;
    private @Nullable Double errorShare;
    private final Map<String, String> versions = new LinkedHashMap<>();
    private final Map<String, Ratio> ratios = new TreeMap<>();
    private @Nullable KernelFacts kernel;

    private Builder(String what) {
      this.what = what;
    }

    public Builder variant(String name) {
      variant = name;
      return this;
    }

    public Builder device(String name) {
      device = name;
      return this;
    }

    public Builder dtype(String name) {
      dtype = name;
      return this;
    }

    public Builder shape(String text) {
      shape = text;
      return this;
    }

    public Builder seed(long number) {
      seed = number;
      return this;
    }

    /** What was measured, in {@code unit}; n, median, p10 and p90 are computed from it. */
    public Builder samples(String unit, double... values) {
      this.unit = unit;
      samples = values.clone();
      return this;
    }

    /** A number that has no spread, such as an accuracy. */
    public Builder value(String unit, double value) {
      return samples(unit, value);
    }

    public Builder bytes(long count) {
      bytes = count;
      return this;
    }

    public Builder flop(long count) {
      flop = count;
      return this;
    }

    public Builder errorShare(double share) {
      errorShare = share;
      return this;
    }

    public Builder version(String name, String number) {
      versions.put(name, number);
      return this;
    }

    public Builder ratio(String peer, Ratio ratio) {
      ratios.put(peer, ratio);
      return this;
    }

    public Builder kernel(KernelFacts facts) {
      kernel = facts;
      return this;
    }

    public Result build() {
      Require.that(samples.length > 0, "samples", "must be one or more", 0);
      double[] sorted = samples.clone();
      Arrays.sort(sorted);
      return new Result(
          what,
          variant,
          device,
          dtype,
          shape,
          seed,
          samples.length,
          Quantiles.of(sorted, 0.5),
          Quantiles.of(sorted, 0.1),
          Quantiles.of(sorted, 0.9),
          unit,
          bytes,
          flop,
          errorShare,
          versions,
          samples.length == 1 ? List.of() : Arrays.stream(samples).boxed().toList(),
          ratios,
          kernel);
    }
  }
}
