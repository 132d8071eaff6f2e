package org.adjoint.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What the row of a GPU kernel holds beside its cold times, which are the samples of the row. Null
 * is what was not measured.
 *
 * @param family of kernels, such as {@code softmax}
 * @param math which of the {@link Ceilings} its arithmetic runs into, such as {@code F32}
 * @param chosen whether this variant is the one that the operation takes by itself: at the true
 *     sizes, where an emulated GPU counted at smaller ones
 * @param change what this rung of its ladder changed
 * @param warm launches back to back
 * @param settled whether the sampling stopped since the median is known, not at its cap
 * @param traffic what an emulated GPU counted in one launch
 * @param impliedUs the time in microseconds that the traffic and the arithmetic would take at the
 *     ceilings: reckoned, not measured
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record KernelFacts(
    String family,
    String math,
    @JsonProperty(required = true) boolean chosen,
    @Nullable String change,
    @Nullable Warm warm,
    @Nullable Boolean settled,
    @Nullable Traffic traffic,
    @Nullable Double impliedUs) {

  /**
   * Launches back to back, in microseconds of one.
   *
   * @param queued whether the device waited for the host: then the time is the host's
   */
  public record Warm(
      @JsonProperty(required = true) int n,
      @JsonProperty(required = true) double median,
      @JsonProperty(required = true) double p10,
      @JsonProperty(required = true) double p90,
      @JsonProperty(required = true) boolean queued) {}

  /**
   * Accesses to global memory, and what else slows a kernel.
   *
   * @param loaded bytes that threads asked for
   * @param stored bytes that threads wrote
   * @param moved bytes of all 32-byte sectors that the requests of warps touched
   * @param cached the same, where operands that all blocks share count once a block
   * @param ideal bytes of the sectors if each request were coalesced
   * @param conflicts turns that requests to shared memory took because of others in their bank
   * @param barriers of blocks
   * @param atomics operations on one place by many
   */
  public record Traffic(
      @JsonProperty(required = true) long loaded,
      @JsonProperty(required = true) long stored,
      @JsonProperty(required = true) long moved,
      @JsonProperty(required = true) long cached,
      @JsonProperty(required = true) long ideal,
      @JsonProperty(required = true) long conflicts,
      @JsonProperty(required = true) long barriers,
      @JsonProperty(required = true) long atomics) {}

  /** Refuses a row that belongs nowhere. */
  public KernelFacts {
    Require.present("family", family);
    Require.present("math", math);
  }
}
