package org.adjoint.bench.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.adjoint.Shape;
import org.adjoint.op.Clamp;
import org.adjoint.op.Compare;
import org.adjoint.op.Conv;
import org.adjoint.op.Dropout;
import org.adjoint.op.Relation;
import org.adjoint.op.Relu;
import org.adjoint.op.Sliding;
import org.junit.jupiter.api.Test;

class ParametersTest {
  @Test
  void recordsInRecordsAreObjectsInObjects() {
    Conv conv = new Conv(Sliding.over(2).withStride(2), 3);
    Map<String, Object> parameters = Parameters.of(new Conv.InputGrad(conv, Shape.of(1, 3, 8, 8)));
    assertEquals("conv.input_grad", parameters.get("kind"));
    assertArrayEquals(new long[] {1, 3, 8, 8}, (long[]) parameters.get("input"));
    assertEquals(
        Map.of(
            "kind",
            "conv",
            "groups",
            3,
            "sliding",
            Map.of(
                "kind",
                "Sliding",
                "stride",
                List.of(2, 2),
                "padding",
                List.of(0, 0),
                "dilation",
                List.of(1, 1))),
        parameters.get("conv"));
  }

  @Test
  void whatJsonDoesNotKnowIsText() {
    assertEquals(Map.of("kind", "relu"), Parameters.of(new Relu()));
    assertEquals(
        Map.of("kind", "clamp", "min", 0.5, "max", "Infinity"),
        Parameters.of(new Clamp(0.5, Double.POSITIVE_INFINITY)));
    assertEquals(
        Map.of("kind", "dropout", "p", 0.25, "seed", 7L, "offset", 3L),
        Parameters.of(new Dropout(0.25, 7, 3)));
    assertEquals(
        Map.of("kind", "compare", "relation", "LE"), Parameters.of(new Compare(Relation.LE)));
  }

  @Test
  void oneComponentIsFoundByItsName() {
    assertEquals(0.25, Parameters.component(new Dropout(0.25, 7, 3), "p"));
    assertThrows(
        IllegalArgumentException.class, () -> Parameters.component(new Dropout(0.25, 7, 3), "q"));
  }
}
