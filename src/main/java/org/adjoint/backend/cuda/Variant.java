package org.adjoint.backend.cuda;

import java.util.function.BiPredicate;
import java.util.function.ToDoubleFunction;
import org.adjoint.DType;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * One way to run a kernel on a GPU: a step on the ladder of its family in {@code src/main/cuda}.
 *
 * @param name what chooses it by hand, as in {@code -Dadjoint.kernel.softmax=online}
 * @param supports whether it can run these inputs and outputs
 * @param launch launches it
 * @param rounding the unit roundoff to which it rounds factors before it multiplies them, for
 *     operands of a dtype; 0 if it does not. One that is coarser than the dtype itself, as TF32 is
 *     for F32, runs only if it is named or allowed
 * @param change what it does otherwise than the step below it, in a few words; empty if there is
 *     none
 * @param takes which operands it supports, in a few words; empty if all that the operation takes
 */
public record Variant(
    String name,
    BiPredicate<Operand[], Operand[]> supports,
    Launcher launch,
    ToDoubleFunction<DType> rounding,
    String change,
    String takes) {
  /** A variant that rounds nothing but its results. */
  public Variant(String name, BiPredicate<Operand[], Operand[]> supports, Launcher launch) {
    this(name, "", supports, launch);
  }

  /** A variant that rounds nothing but its results, for operands that {@code takes} describes. */
  public Variant(
      String name, String takes, BiPredicate<Operand[], Operand[]> supports, Launcher launch) {
    this(name, supports, launch, dtype -> 0, "", takes);
  }

  /** Launches what computes {@code out} of {@code in}. */
  @FunctionalInterface
  public interface Launcher {
    /** Queues the launches; every element of every output is written by them. */
    void run(Gpu gpu, Operand[] in, Operand[] out);
  }

  /**
   * Whether a variant of that name leaves its work to a library of NVIDIA's, into which an emulated
   * GPU does not look.
   */
  public static boolean isLibrary(String name) {
    return name.startsWith("cublas") || name.startsWith("cudnn");
  }

  /** A variant for whatever operands the operation takes. */
  public static Variant of(String name, Launcher launch) {
    return new Variant(name, (in, out) -> true, launch);
  }

  /** A variant for floating operands: F32 and F64. */
  public static Variant floats(String name, Launcher launch) {
    return new Variant(
        name,
        "F32 and F64",
        (in, out) ->
            switch (out[0].dtype()) {
              case F32, F64 -> true;
              default -> false;
            },
        launch);
  }

  /** This variant where {@code more} holds as well. */
  public Variant where(BiPredicate<Operand[], Operand[]> more) {
    return new Variant(name, supports.and(more), launch, rounding, change, takes);
  }

  /** This variant where {@code more} holds as well, which {@code operands} describes. */
  public Variant where(String operands, BiPredicate<Operand[], Operand[]> more) {
    return where(more).takes(takes.isEmpty() ? operands : takes + "; " + operands);
  }

  /** This variant, which rounds factors; see {@link #rounding}. */
  public Variant rounding(ToDoubleFunction<DType> rounding) {
    return new Variant(name, supports, launch, rounding, change, takes);
  }

  /** This variant, which says what it {@linkplain #change changed}. */
  public Variant changes(String text) {
    return new Variant(name, supports, launch, rounding, text, takes);
  }

  /** This variant, which says which operands it {@linkplain #takes takes}. */
  public Variant takes(String operands) {
    return new Variant(name, supports, launch, rounding, change, operands);
  }

  /** Whether it is to run these operands, where {@code wanted} is the name of one or null. */
  boolean runs(@Nullable String wanted, Operand[] in, Operand[] out) {
    boolean chosen = wanted == null ? rounds(out[0].dtype()) : name.equals(wanted);
    return chosen && supports.test(in, out);
  }

  /** Whether it rounds results of a dtype no further than it may unasked. */
  private boolean rounds(DType dtype) {
    double by = rounding.applyAsDouble(dtype);
    double most = dtype.isFloating() ? dtype.unitRoundoff() : 0;
    return by <= most || (Tf32.isAllowed(dtype) && by <= Tf32.rounding(dtype));
  }
}
