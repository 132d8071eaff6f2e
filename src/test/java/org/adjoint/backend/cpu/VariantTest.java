package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code -Dadjoint.kernel.NAME} chooses how an operation is computed. */
class VariantTest {
  /** Writes 1 by its reference, 2 by its quick road, which F64 does not have. */
  private interface Which extends Op {
    @Override
    default Meta[] infer(Meta... in) {
      return in;
    }

    @Override
    default void reference(Dense[] in, Dense[] out) {
      out[0].data()[0] = 1;
    }

    @Override
    default boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() == org.adjoint.DType.F64) {
        return false;
      }
      CpuStorage.floats(out[0])[0] = 2;
      return true;
    }

    @Override
    default Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[1];
    }
  }

  // The choice is read once per class, so each case has a class of its own.
  private record Unchosen() implements Which {}

  private record ByReference() implements Which {}

  private record ByFast() implements Which {}

  private record ByNonsense() implements Which {}

  private static double run(Which op, String choice) {
    System.setProperty("adjoint.kernel." + op.name(), choice);
    return op.apply(Tensor.zeros(1)).item();
  }

  @AfterEach
  void forget() {
    System.getProperties().keySet().removeIf(key -> key.toString().startsWith("adjoint.kernel."));
  }

  @Test
  void theQuickRoadIsTakenWhereThereIsOne() {
    assertEquals(2, new Unchosen().apply(Tensor.zeros(1)).item());
    assertEquals(1, new Unchosen().apply(Tensor.of(0.0)).item());
  }

  @Test
  void theReferenceCanBeChosen() {
    assertEquals(1, run(new ByReference(), "reference"));
  }

  @Test
  void whatWasChosenAndIsMissingIsAnError() {
    assertEquals(2, run(new ByFast(), "fast"));
    assertEquals(
        "variant_test.by_fast: has no fast variant on cpu for F64[1]",
        assertThrows(UnsupportedOperationException.class, () -> new ByFast().apply(Tensor.of(0.0)))
            .getMessage());
  }

  @Test
  void anUnknownVariantIsAnError() {
    assertEquals(
        "adjoint.kernel.variant_test.by_nonsense=online: on the cpu the variants are reference and"
            + " fast",
        assertThrows(IllegalArgumentException.class, () -> run(new ByNonsense(), "online"))
            .getMessage());
  }
}
