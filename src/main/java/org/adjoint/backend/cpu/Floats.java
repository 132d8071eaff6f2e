package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.Operand;

/**
 * An operand of F32 as kernels take it: its elements lie one after the other from {@code at} on.
 * Internal to the backends.
 */
public record Floats(float[] data, int at) {
  /** The elements of {@code operand}: its own where they lie so, else a copy. */
  public static Floats of(Operand operand) {
    Operand packed = CpuBackend.contiguous(operand);
    return new Floats(CpuStorage.floats(packed), CpuStorage.at(packed));
  }

  /** As {@link #of}, of several. */
  public static Floats[] all(Operand... operands) {
    return Arrays.stream(operands).map(Floats::of).toArray(Floats[]::new);
  }
}
