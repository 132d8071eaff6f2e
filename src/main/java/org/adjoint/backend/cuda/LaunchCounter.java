package org.adjoint.backend.cuda;

/** Counts what launches do, where the GPU is an emulated one that sees every access. */
@FunctionalInterface
public interface LaunchCounter {
  /** What the launches did that {@code work} queues; it is waited for. */
  Counts during(Runnable work);

  /**
   * Accesses to global memory, and what else slows a kernel.
   *
   * @param loaded bytes that threads asked for
   * @param stored bytes that threads wrote
   * @param sectors of 32 bytes that the requests of warps touched
   * @param idealSectors that they had touched if all were coalesced
   * @param conflicts turns that requests to shared memory took because of others in their bank
   * @param barriers of blocks
   * @param atomics operations on one place by many
   */
  record Counts(
      long loaded,
      long stored,
      long sectors,
      long idealSectors,
      long conflicts,
      long barriers,
      long atomics) {
    /** Bytes that moved, if each sector did. */
    public long moved() {
      return 32 * sectors;
    }
  }
}
