package org.adjoint.check;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.op.Copy;
import org.adjoint.op.OpSpec.Example;

/** What must not change a single bit: how the inputs lie in memory, and how many threads help. */
final class LayoutCheck {
  private LayoutCheck() {}

  /** Views of all kinds against contiguous inputs of the same elements, forward and gradient. */
  static void views(Example example, Tally tally) {
    Inputs inputs = Inputs.integers(example);
    Inputs fair = Inputs.fair(example);
    Op op = example.op();
    for (DType dtype : DType.values()) {
      try (Scope _ = Scope.open()) {
        Tensor[] in = (dtype.isFloating() ? fair : inputs).tensors(dtype);
        if (op == null ? dtype.isFloating() : FastCheck.accepts(op, in)) {
          compare(example, in, tally);
        }
      }
    }
  }

  private static void compare(Example example, Tensor[] in, Tally tally) {
    for (Views way : Views.values()) {
      Tensor[] views = new Tensor[in.length];
      Arrays.setAll(views, i -> way.detached(in[i]));
      Tensor[] plain = new Tensor[in.length];
      Arrays.setAll(plain, i -> Grad.off(() -> new Copy().apply(views[i])));
      Run expected = Run.of(example.call(), plain);
      expected.mustEqual(Run.of(example.call(), views), in[0].dtype() + " " + way, tally);
    }
  }

  /** Two and three threads against one. */
  static void threads(Example example, Tally tally) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = Inputs.fair(example).tensors(DType.F32);
      Run alone = Parallel.callWithThreads(1, () -> Run.of(example.call(), in));
      for (int threads : List.of(2, 3)) {
        Run together = Parallel.callWithThreads(threads, () -> Run.of(example.call(), in));
        alone.mustEqual(together, threads + " threads", tally);
      }
    }
  }
}
