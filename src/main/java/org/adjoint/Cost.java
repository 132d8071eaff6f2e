package org.adjoint;

import java.util.List;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.View;

/**
 * What a computation takes: its floating-point operations, and the memory that its results take. It
 * is counted while the computation runs, from the shapes of the operations.
 */
public final class Cost {
  private double flop;
  private long bytes;

  private Cost() {}

  /** The cost of everything that {@code work} computes on this thread. */
  public static Cost of(Runnable work) {
    Cost cost = new Cost();
    Trace.watch(
        cost::count,
        () -> {
          work.run();
          return cost;
        });
    return cost;
  }

  private void count(Op op, List<Tensor> in, List<Tensor> out) {
    if (!(op instanceof View)) {
      Meta[] results = metas(out);
      flop += op.flop(metas(in), results);
      for (Meta meta : results) {
        bytes += meta.shape().count() * meta.dtype().bytes();
      }
    }
  }

  private static Meta[] metas(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::meta).toArray(Meta[]::new);
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
