package org.adjoint;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.backend.Backend;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.Recording;
import org.adjoint.op.Copy;

/** How a kernel overwrites tensors: groups of them, each of one shape. */
final class Update {
  private Update() {}

  /** {@link Tensor#updateAll}. */
  static void run(Kernel kernel, Tensor[][] changed, Tensor[][] read) {
    if (changed.length == 0) {
      return;
    }
    for (int group = 0; group < changed.length; group++) {
      check(kernel, changed[0][0].meta(), changed[group], read[group]);
    }
    Recording.refuseElsewhere(kernel.name(), changed[0][0].device());
    try (Span _ = Span.of(kernel, changed, read);
        Scope _ = Scope.open()) {
      List<Operand> in = new ArrayList<>();
      List<Operand> out = new ArrayList<>();
      for (int group = 0; group < changed.length; group++) {
        for (Tensor tensor : changed[group]) {
          Operand inOrder = inOrder(tensor);
          in.add(inOrder);
          out.add(inOrder);
        }
        for (Tensor tensor : read[group]) {
          in.add(tensor.operand());
        }
      }
      Backend backend = Backend.of(changed[0][0].device());
      backend.run(kernel, in.toArray(Operand[]::new), out.toArray(Operand[]::new));
      int next = 0;
      for (Tensor[] tensors : changed) {
        for (Tensor tensor : tensors) {
          Operand result = out.get(next++);
          if (!result.equals(tensor.operand())) {
            backend.copy(result, tensor.operand());
          }
          Recording.bumpVersion(tensor.storage());
        }
      }
    }
  }

  /** The tensor itself, or a copy whose elements lie in order. */
  private static Operand inOrder(Tensor tensor) {
    Operand own = tensor.operand();
    return own.layout().isContiguous() ? own : Grad.off(() -> new Copy().apply(tensor)).operand();
  }

  private static void check(Kernel kernel, Meta first, Tensor[] changed, Tensor... read) {
    Meta meta = first.with(changed[0].shape());
    for (Tensor tensor : changed) {
      requireLike(meta, kernel, tensor);
      tensor.requireAssignable();
    }
    for (Tensor tensor : read) {
      requireLike(meta, kernel, tensor);
    }
  }

  private static void requireLike(Meta meta, Kernel kernel, Tensor tensor) {
    tensor.requireOpen(kernel.name());
    if (!tensor.meta().equals(meta)) {
      throw new IllegalArgumentException(
          kernel.name() + ": " + tensor.meta() + " is not like " + meta);
    }
  }
}
