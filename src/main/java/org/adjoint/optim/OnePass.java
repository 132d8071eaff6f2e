package org.adjoint.optim;

import java.util.List;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.CpuStorage;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.backend.cuda.Live;
import org.adjoint.backend.cuda.OptimVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * The step of an optimiser on any number of parameters, in one pass over each of them, what is
 * remembered of it, and its gradient. A parameter and what is remembered of it are its state, which
 * the pass overwrites; inputs are the first one's state and gradient, then the second one's, and so
 * on; outputs are the states.
 */
interface OnePass extends Kernel {
  /** While a pass is being recorded: what it will be at each replay, when that has come. */
  ScopedValue<Supplier<OnePass>> NEXT = ScopedValue.newInstance();

  /** Elements that are worth a thread. */
  int GRAIN = 1 << 15;

  /** The definition: overwrites one parameter's state, the parameter first. */
  void step(double[][] state, double[] gradient);

  /** The same on floats. */
  Lanes lanes();

  /** How its kernels in {@code optim.cu} begin. */
  String entry();

  /** What they know of it: the members of their struct, in order. */
  double[] numbers();

  @Override
  default List<Variant> cuda() {
    Supplier<OnePass> next = NEXT.isBound() ? NEXT.get() : () -> this;
    return OptimVariants.of(entry(), Live.of(numbers(), () -> next.get().numbers()));
  }

  /** {@code n} elements of one parameter. */
  @FunctionalInterface
  interface Lanes {
    /** Overwrites {@code x[k][at[k]]} and on; the last of x is the gradient, which stays. */
    void step(float[][] x, int[] at, int n);
  }

  @Override
  default void reference(Dense[] in, Dense[] out) {
    int states = states(in.length, out.length);
    for (int p = 0; p * states < out.length; p++) {
      double[][] state = new double[states][];
      for (int s = 0; s < states; s++) {
        state[s] = out[p * states + s].data();
        double[] before = in[p * (states + 1) + s].data();
        System.arraycopy(before, 0, state[s], 0, before.length);
      }
      step(state, in[p * (states + 1) + states].data());
    }
  }

  @Override
  default boolean fast(Operand[] in, Operand[] out) {
    int states = states(in.length, out.length);
    if (in[0].dtype() != DType.F32 || !areInPlace(in, out, states)) {
      return false;
    }
    Lanes lanes = lanes();
    for (int p = 0; p < in.length; p += states + 1) {
      Operand[] x = new Operand[states + 1];
      float[][] arrays = new float[states + 1][];
      for (int k = 0; k <= states; k++) {
        x[k] = k < states ? in[p + k] : CpuBackend.contiguous(in[p + k]);
        arrays[k] = CpuStorage.floats(x[k]);
      }
      Parallel.forRange(
          x[0].count(),
          GRAIN,
          (from, to) -> {
            int[] at = new int[x.length];
            for (int k = 0; k < x.length; k++) {
              at[k] = CpuStorage.at(x[k]) + (int) from;
            }
            lanes.step(arrays, at, (int) (to - from));
          });
    }
    return true;
  }

  /** How many tensors the state of a parameter is; there is one gradient more. */
  private static int states(int in, int out) {
    return out / (in - out);
  }

  /** Whether outputs are the inputs themselves, and all lie in order. */
  private static boolean areInPlace(Operand[] in, Operand[] out, int states) {
    boolean fit = true;
    for (int i = 0; i < out.length; i++) {
      fit &= in[i + i / states].equals(out[i]) && out[i].layout().isContiguous();
    }
    return fit;
  }
}
