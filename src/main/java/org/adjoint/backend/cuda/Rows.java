package org.adjoint.backend.cuda;

import java.util.Arrays;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/**
 * An axis of an operand that lies in order: outer · inner rows along it, of n elements that lie
 * inner apart. How {@code rows.cuh} gives them to threads.
 */
public record Rows(long outer, long n, long inner) {
  /** Threads of a block that has many small rows. */
  private static final int SMALL_BLOCK = 128;

  /** Threads of a block whose neighbours take neighbouring columns. */
  private static final int COLUMN_BLOCK = 256;

  /** Elements of a column that a thread takes before another is asked to help. */
  private static final int A_COLUMN_THREAD = 4;

  /** CUDA's limit of a block along z. */
  private static final int MOST_DEEP = 64;

  /** The most threads of a block that has one row. */
  static final int MOST = 512;

  /** Blocks that keep a large GPU busy. */
  private static final long ENOUGH_BLOCKS = 512;

  /** Blocks that are there before any of them has more rows than it takes at a time. */
  private static final int FEW_BLOCKS = 32;

  private static final int WARP = 32;

  /** A cache line: what neighbours should read at least at a time. */
  private static final int LINE = 128;

  /** Bytes that a thread holds of a row in registers; {@code HELD} of {@code rows.cuh}. */
  private static final int HELD = 64;

  /** The rows along {@code axis}, which may count from the end. */
  public static Rows of(Shape shape, int axis) {
    return new Rows(shape.countBefore(axis), shape.size(axis), shape.countAfter(axis));
  }

  /** Number of rows. */
  public long count() {
    return outer * inner;
  }

  /** Elements that {@code threads} threads hold in registers, of the type that computes for x. */
  static long held(Operand x, int threads) {
    return (long) threads * (HELD / Math.max(Float.BYTES, x.dtype().bytes()));
  }

  /** Whether the threads that have a column in {@link #columns} can hold it, of x, in registers. */
  boolean isStrip(Operand x) {
    return inner > 1 && n <= held(x, tall());
  }

  /** Elements of one access: 16 bytes of them where all rows of all operands begin aligned. */
  static int pack(long n, Operand... operands) {
    int pack = 16 / operands[0].dtype().bytes();
    return n % pack == 0 && Arrays.stream(operands).allMatch(Gpu::isAligned) ? pack : 1;
  }

  /**
   * Threads for a row of which each thread takes up to {@code most} elements, {@code pack} at a
   * time: a power of two up to 32, else a multiple of 32.
   */
  static int group(long n, int pack, int bytes, long most) {
    long packs = Math.ceilDiv(n, pack);
    long line = Math.min(packs, LINE / ((long) pack * bytes));
    long wanted = Math.clamp(Math.max(line, Math.ceilDiv(n, most)), 1, MOST);
    int up = powerOfTwo((int) wanted);
    return up <= WARP ? up : (int) Math.ceilDiv(wanted, WARP) * WARP;
  }

  /**
   * Threads for a row that begins anywhere: as {@link #group}, but for longer rows than a warp
   * reads at once, which have edges beside their packs, a warp or more.
   */
  static int groupOfAny(long n, int bytes, long most) {
    int size = 16 / bytes;
    return n % size == 0 || n <= WARP
        ? group(n, n % size == 0 ? size : 1, bytes, most)
        : Math.max(WARP, group(n, size, bytes, most));
  }

  /**
   * Blocks whose groups of threads go from row to row, because a block reads something, or leaves
   * something behind, once: few, but enough to keep a GPU busy where there are many rows.
   *
   * @param together rows that a block has at a time
   * @param enough rows of a block that make up for what it does once
   * @param most such blocks
   */
  static long sharing(long rows, int together, int enough, long most) {
    long wanted = Math.max(FEW_BLOCKS, rows / enough);
    return Math.min(Math.min(wanted, most), Math.ceilDiv(rows, together));
  }

  /** Threads of a block of such groups: a warp's parts share one, larger groups have their own. */
  static int threads(int group) {
    return group <= WARP ? SMALL_BLOCK : group;
  }

  /** Threads of a block that has a row of {@code n} elements to itself. */
  static int threadsOfOne(long n) {
    return powerOfTwo((int) Math.clamp(n, 1, MOST));
  }

  /** The grid and the blocks of a kernel that gives a group of threads to a row. */
  static Gpu.Call groups(Gpu.Call call, long rows, int group) {
    int together = threads(group) / group;
    return call.grid(Math.ceilDiv(rows, together)).block(group, together, 1);
  }

  /**
   * The grid and the blocks of a kernel whose threads side by side take neighbouring columns; long
   * ones have several threads.
   */
  Gpu.Call columns(Gpu.Call call) {
    int tall = tall();
    long deep = Math.clamp(outer, 1, Math.min(MOST_DEEP, COLUMN_BLOCK / (width() * tall)));
    return call.grid(Math.ceilDiv(outer, deep) * tiles()).block(width(), tall, (int) deep);
  }

  /** Threads of a column. */
  private int tall() {
    return Math.clamp(Long.highestOneBit(n / A_COLUMN_THREAD), 1, COLUMN_BLOCK / width());
  }

  /** Blocks of such a kernel where columns are long. */
  long columnBlocks() {
    return outer * tiles();
  }

  private long tiles() {
    return Math.ceilDiv(inner, width());
  }

  private int width() {
    return powerOfTwo((int) Math.min(inner, WARP));
  }

  /**
   * Elements of each part that a row, or a column, is cut into so that there are enough blocks for
   * a large GPU (for the size of this one, the bits of a sum would depend on it); a multiple of
   * {@code least}, or all of it.
   *
   * @param blocks for uncut ones
   */
  static long part(long n, long blocks, int least) {
    long parts = Math.min(Math.ceilDiv(ENOUGH_BLOCKS, Math.max(1, blocks)), n / least);
    return parts <= 1 ? n : Math.ceilDiv(Math.ceilDiv(n, parts), least) * least;
  }

  /** The smallest power of two that is not below x. */
  static int powerOfTwo(int x) {
    return x <= 1 ? 1 : Integer.highestOneBit(x - 1) * 2;
  }
}
