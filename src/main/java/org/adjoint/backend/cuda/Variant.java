package org.adjoint.backend.cuda;

import java.util.function.BiPredicate;
import org.adjoint.backend.Operand;

/**
 * One way to run a kernel on a GPU: a step on the ladder of its family in {@code src/main/cuda}.
 *
 * @param name what chooses it by hand, as in {@code -Dadjoint.kernel.softmax=online}
 * @param supports whether it can run these inputs and outputs
 * @param launch launches it
 */
public record Variant(String name, BiPredicate<Operand[], Operand[]> supports, Launcher launch) {
  /** Launches what computes {@code out} of {@code in}. */
  @FunctionalInterface
  public interface Launcher {
    /** Queues the launches; every element of every output is written by them. */
    void run(Gpu gpu, Operand[] in, Operand[] out);
  }

  /** A variant for whatever operands the operation takes. */
  public static Variant of(String name, Launcher launch) {
    return new Variant(name, (in, out) -> true, launch);
  }

  /** A variant for floating operands: F32 and F64. */
  public static Variant floats(String name, Launcher launch) {
    return new Variant(
        name,
        (in, out) ->
            switch (out[0].dtype()) {
              case F32, F64 -> true;
              default -> false;
            },
        launch);
  }

  /** This variant where {@code more} holds as well. */
  public Variant where(BiPredicate<Operand[], Operand[]> more) {
    return new Variant(name, supports.and(more), launch);
  }
}
