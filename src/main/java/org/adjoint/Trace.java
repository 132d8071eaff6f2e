package org.adjoint;

import java.util.List;
import java.util.function.Supplier;
import org.adjoint.autograd.Op;

/** Lets somebody watch the operations of a computation, one after the other, as they run. */
public final class Trace {
  private static final ScopedValue<Watcher> WATCHER = ScopedValue.newInstance();

  private Trace() {}

  /** Is told of every operation. */
  @FunctionalInterface
  public interface Watcher {
    /** {@code op} has made {@code out} from {@code in}. */
    void ran(Op op, List<Tensor> in, List<Tensor> out);
  }

  /**
   * Does {@code work}, and tells {@code watcher} of each operation that it runs on this thread, in
   * order; those of backward are among them. Who watches already goes on watching.
   */
  public static <T> T watch(Watcher watcher, Supplier<T> work) {
    Watcher outer = WATCHER.isBound() ? WATCHER.get() : null;
    Watcher all =
        outer == null
            ? watcher
            : (op, in, out) -> {
              outer.ran(op, in, out);
              watcher.ran(op, in, out);
            };
    return ScopedValue.where(WATCHER, all).call(work::get);
  }

  static void ran(Op op, Tensor[] in, Tensor[] out) {
    if (WATCHER.isBound()) {
      WATCHER.get().ran(op, List.of(in), List.of(out));
    }
  }
}
