package org.adjoint;

import org.adjoint.autograd.Op;

/**
 * What a computation takes: its floating-point operations, and the memory that its results take. It
 * is counted while the computation runs, from the shapes of the operations.
 */
public final class Cost {
  private static final ScopedValue<Cost> COUNTING = ScopedValue.newInstance();

  private double flop;
  private long bytes;

  private Cost() {}

  /** The cost of everything that {@code work} computes on this thread. */
  public static Cost of(Runnable work) {
    Cost cost = new Cost();
    ScopedValue.where(COUNTING, cost).run(work);
    return cost;
  }

  static void count(Op op, Meta[] in, Meta[] out) {
    if (COUNTING.isBound()) {
      Cost cost = COUNTING.get();
      cost.flop += op.flop(in, out);
      for (Meta meta : out) {
        cost.bytes += meta.shape().count() * meta.dtype().bytes();
      }
    }
  }

  /** Floating-point operations; a multiply-add counts two. */
  public double flop() {
    return flop;
  }

  /** Bytes of all results together, views excepted. */
  public long bytes() {
    return bytes;
  }
}
