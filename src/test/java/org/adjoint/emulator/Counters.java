package org.adjoint.emulator;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * What launches of checked kernels did since counting began.
 *
 * @param barriers of whole blocks
 * @param warpCalls shuffles, votes and __syncwarp, of whole warps
 * @param sharedTurns that requests to shared memory took
 * @param sharedIdeal that they would take without a bank conflict
 */
public record Counters(
    long launches,
    long blocks,
    long threads,
    long barriers,
    long warpCalls,
    long atomics,
    Traffic load,
    Traffic store,
    long sharedRequests,
    long sharedTurns,
    long sharedIdeal) {
  static final int LONGS = 9 + 2 * Traffic.LONGS;

  /** Reads the figures as the emulator lays them out. */
  static Counters of(MemorySegment from) {
    long[] n = from.toArray(JAVA_LONG);
    int after = 6 + 2 * Traffic.LONGS;
    Traffic load = Traffic.of(from, 6);
    Traffic store = Traffic.of(from, 6 + Traffic.LONGS);
    return new Counters(
        n[0], n[1], n[2], n[3], n[4], n[5], load, store, n[after], n[after + 1], n[after + 2]);
  }

  /**
   * Loads or stores of global memory. A request is one instruction of one warp; it touches sectors
   * of 32 bytes.
   *
   * @param bytes that threads asked for
   * @param sectors that requests touched
   * @param ideal sectors that they had touched, had their lanes' different bytes lain together
   * @param cached as sectors, but those of broadcast operands once a block
   * @param blockSectors different sectors, added up over the blocks
   * @param uniqueBytes different bytes in a launch: what must be moved at least
   */
  public record Traffic(
      long requests,
      long bytes,
      long sectors,
      long ideal,
      long cached,
      long blockSectors,
      long uniqueBytes) {
    static final int LONGS = 7;

    static Traffic of(MemorySegment from, int at) {
      long[] n = from.asSlice(8L * at, 8L * LONGS).toArray(JAVA_LONG);
      return new Traffic(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
    }
  }
}
