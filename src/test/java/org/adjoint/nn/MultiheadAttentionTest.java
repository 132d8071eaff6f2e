package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.GoldenTensors;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Attention;
import org.junit.jupiter.api.Test;

/** Attention against PyTorch's, with masks of all kinds. */
class MultiheadAttentionTest {
  private static final double ROUNDINGS = 32;
  private static final GoldenTensors GOLDENS = GoldenTensors.read("sequences.txt");

  private final Philox random = new Philox(3);

  @Test
  void severalHeadsWithPaddedKeys() {
    MultiheadAttention layer = new MultiheadAttention(6, 3, random);
    layer
        .parameters()
        .forEach((name, p) -> p.assign(GOLDENS.get("multihead." + name).to(DType.F32)));
    Tensor q = GOLDENS.variable("multihead.q", DType.F32);
    Tensor k = GOLDENS.variable("multihead.k", DType.F32);
    Tensor v = GOLDENS.variable("multihead.v", DType.F32);

    MultiheadAttention.Result result =
        layer.attend(q, k, v, Attention.paddingMask(new int[] {5, 3}, 5));

    GOLDENS.mustEqual("multihead.y", result.outputs(), ROUNDINGS);
    GOLDENS.mustEqual("multihead.w", result.weights(), ROUNDINGS);
    Tensor ofOutputs = GOLDENS.get("multihead.u.y").to(DType.F32).mul(result.outputs()).sum();
    Tensor ofWeights = GOLDENS.get("multihead.u.w").to(DType.F32).mul(result.weights()).sum();
    ofOutputs.add(ofWeights).backward();
    GOLDENS.mustEqual("multihead.d.q", q.grad(), ROUNDINGS);
    GOLDENS.mustEqual("multihead.d.k", k.grad(), ROUNDINGS);
    GOLDENS.mustEqual("multihead.d.v", v.grad(), ROUNDINGS);
    layer
        .parameters()
        .forEach((name, p) -> GOLDENS.mustEqual("multihead.d." + name, p.grad(), ROUNDINGS));
  }

  /** Runs the golden case {@code name} in both dtypes. */
  private static void attention(String name, boolean masked, boolean causal) {
    for (DType dtype : List.of(DType.F64, DType.F32)) {
      Tensor q = GOLDENS.variable(name + ".q", dtype);
      Tensor k = GOLDENS.variable(name + ".k", dtype);
      Tensor v = GOLDENS.variable(name + ".v", dtype);
      Tensor mask = masked ? GOLDENS.get(name + ".mask").to(DType.BOOL) : null;

      Tensor y = causal ? Attention.causal(q, k, v) : Attention.of(q, k, v, mask);

      GOLDENS.mustEqual(name + ".y", y, ROUNDINGS);
      GOLDENS.get(name + ".u.y").to(dtype).mul(y).sum().backward();
      GOLDENS.mustEqual(name + ".d.q", q.grad(), ROUNDINGS);
      GOLDENS.mustEqual(name + ".d.k", k.grad(), ROUNDINGS);
      GOLDENS.mustEqual(name + ".d.v", v.grad(), ROUNDINGS);
    }
  }

  @Test
  void causal() {
    attention("causal", false, true);
  }

  @Test
  void aQueryThatSeesNothingGetsZeros() {
    attention("masked", true, false);
    Tensor mask = GOLDENS.get("masked.mask").to(DType.BOOL);
    Tensor y =
        Attention.of(
            GOLDENS.get("masked.q"), GOLDENS.get("masked.k"), GOLDENS.get("masked.v"), mask);
    assertArrayEquals(new double[2], y.select(0, 1).toDoubles());
  }

  @Test
  void anAddedMaskHasAGradient() {
    Tensor q = GOLDENS.variable("biased.q", DType.F64);
    Tensor k = GOLDENS.variable("biased.k", DType.F64);
    Tensor v = GOLDENS.variable("biased.v", DType.F64);
    Tensor bias = GOLDENS.variable("biased.bias", DType.F64);

    Tensor y = Attention.of(q, k, v, bias, 0.75);

    GOLDENS.mustEqual("biased.y", y, ROUNDINGS);
    GOLDENS.get("biased.u.y").mul(y).sum().backward();
    GOLDENS.mustEqual("biased.d.q", q.grad(), ROUNDINGS);
    GOLDENS.mustEqual("biased.d.bias", bias.grad(), ROUNDINGS);
  }

  @Test
  void aMaskOfMinusInfinityIsTheBooleanOne() {
    Tensor q = Tensor.normal(random, 2, 4, 3);
    Tensor seen = Attention.causalMask(4, 4);
    Tensor added = seen.to(DType.F32).log();

    assertArrayEquals(
        Attention.of(q, q, q, seen).toFloats(), Attention.of(q, q, q, added).toFloats());
    Tensor nothing = Tensor.zeros(4, 4).log();
    for (float y : Attention.of(q, q, q, nothing).toFloats()) {
      assertEquals(Float.NaN, y, "as PyTorch's");
    }
  }

  @Test
  void theFutureChangesNothing() {
    MultiheadAttention layer = new MultiheadAttention(4, 2, random);
    Tensor x = Tensor.normal(random, 1, 6, 4);
    Tensor y = layer.attend(x, x, x, Attention.causalMask(6, 6)).outputs();
    for (int t = 1; t < 6; t++) {
      Tensor past = x.slice(1, 0, t);
      Tensor alone = layer.attend(past, past, past, Attention.causalMask(t, t)).outputs();
      assertArrayEquals(y.slice(1, 0, t).toFloats(), alone.toFloats(), 1e-6f);
    }
  }

  @Test
  void maskedAttentionIsNoAnomaly() {
    Tensor q = Tensor.normal(random, 3, 2).requireGrad();
    Grad.anomaly(() -> Attention.causal(q, q, q).sum().backward());
    assertEquals(Shape.of(3, 2), q.grad().shape());
  }

  @Test
  void masksSayWhatIsSeen() {
    assertArrayEquals(new long[] {1, 0, 0, 1, 1, 0}, bits(Attention.causalMask(2, 3)));
    assertArrayEquals(
        new long[] {1, 0, 0, 1, 1, 1}, bits(Attention.paddingMask(new int[] {1, 3}, 3)));
    assertEquals(Shape.of(0, 0), Attention.causalMask(0, 0).shape());
  }

  private static long[] bits(Tensor mask) {
    return mask.to(DType.I64).toLongs();
  }

  @Test
  void parametersAreNamedAndBeginAsPyTorchs() {
    MultiheadAttention layer = new MultiheadAttention(64, 4, random);
    Map<String, Tensor> parameters = layer.parameters();

    assertEquals(
        List.of("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"),
        List.copyOf(parameters.keySet()));
    assertEquals(4 * 64 * 64 + 4 * 64, layer.parameterCount());
    assertEquals(Math.sqrt(6.0 / 256), largest(parameters, "in_proj_weight"), 1e-4);
    assertEquals(1.0 / 8, largest(parameters, "out_proj.weight"), 1e-4);
    assertEquals(0, largest(parameters, "in_proj_bias"));
    assertEquals("MultiheadAttention(64, 4)", layer.toString());
    assertEquals(Shape.of(2, 3, 64), layer.forward(Tensor.ones(2, 3, 64)).shape());
  }

  private static double largest(Map<String, Tensor> parameters, String name) {
    double largest = 0;
    for (double value : Objects.requireNonNull(parameters.get(name)).toDoubles()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @Test
  void whatDoesNotFitIsSaid() {
    MultiheadAttention layer = new MultiheadAttention(4, 2, random);
    assertEquals(
        "attention: 3 heads do not divide an embedding of size 4",
        failure(() -> new MultiheadAttention(4, 3, random)));
    assertEquals(
        "attention: [2, 3] must be [.., T, 4]", failure(() -> layer.forward(Tensor.zeros(2, 3))));
    assertEquals(
        "attention: [4] must be [.., T, 4]", failure(() -> layer.forward(Tensor.zeros(4))));
  }

  private static String failure(Runnable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
