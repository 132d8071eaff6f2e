package org.adjoint.backend.cuda;

import java.util.List;

/** Counts what launches do, where the GPU is an emulated one that sees every access. */
@FunctionalInterface
public interface LaunchCounter {
  /**
   * What the launches did that {@code work} queues; it is waited for.
   *
   * @param broadcast what the first cache of a GPU keeps for the threads of a block
   */
  Counts during(List<Range> broadcast, Runnable work);

  /** Bytes of a device. */
  record Range(long address, long bytes) {}

  /**
   * Accesses to global memory, and what else slows a kernel. Fills and copies within the device are
   * among them; what a library does is not.
   *
   * @param launches of kernels
   * @param loaded bytes that threads asked for
   * @param stored bytes that threads wrote
   * @param sectors of 32 bytes that the requests of warps touched
   * @param cachedSectors the same, where broadcast operands count once a block
   * @param idealSectors that requests had touched, had the different bytes of each lain together
   * @param conflicts turns that requests to shared memory took because of others in their bank
   * @param barriers of blocks
   * @param atomics operations on one place by many
   */
  record Counts(
      long launches,
      long loaded,
      long stored,
      long sectors,
      long cachedSectors,
      long idealSectors,
      long conflicts,
      long barriers,
      long atomics) {
    private static final int SECTOR = 32;

    /** Bytes that moved, if each sector did. */
    public long moved() {
      return SECTOR * sectors;
    }

    /** Bytes that moved, if caches keep for a block what all blocks share. */
    public long cached() {
      return SECTOR * cachedSectors;
    }

    /** Bytes that had moved, were all requests coalesced. */
    public long ideal() {
      return SECTOR * idealSectors;
    }
  }
}
