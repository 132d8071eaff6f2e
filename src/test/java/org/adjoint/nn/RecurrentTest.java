package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.GoldenTensors;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.RecurrentCell.Weights;
import org.junit.jupiter.api.Test;

/** Recurrent layers against PyTorch's, and what they say to inputs that do not fit. */
class RecurrentTest {
  /** Roundings of the largest element that F32 may be off by, after two layers of six steps. */
  private static final double ROUNDINGS = 32;

  private static final GoldenTensors GOLDENS = GoldenTensors.read("sequences.txt");

  private final Philox random = new Philox(2);

  private static void load(String name, Layer layer) {
    layer.parameters().forEach((key, p) -> p.assign(GOLDENS.get(name + "." + key).to(DType.F32)));
  }

  private static Tensor weighted(String name, Tensor y) {
    return GOLDENS.get(name).to(DType.F32).mul(y).sum();
  }

  private static void checkGradients(String name, Layer layer) {
    layer
        .parameters()
        .forEach((key, p) -> GOLDENS.mustEqual(name + ".d." + key, p.grad(), ROUNDINGS));
  }

  @Test
  void lstmOfTwoLayersInBothDirectionsWithLengths() {
    Lstm lstm = new Lstm(3, 2, 2, true, random);
    load("lstm", lstm);
    Tensor x = GOLDENS.variable("lstm.x", DType.F32);

    Recurrent.Result result = lstm.unroll(x, 3, 5, 1, 4);

    GOLDENS.mustEqual("lstm.y", result.outputs(), ROUNDINGS);
    GOLDENS.mustEqual("lstm.h", result.hidden(), ROUNDINGS);
    GOLDENS.mustEqual("lstm.c", result.memory(), ROUNDINGS);
    weighted("lstm.u.y", result.outputs())
        .add(weighted("lstm.u.h", result.hidden()))
        .add(weighted("lstm.u.c", result.memory()))
        .backward();
    GOLDENS.mustEqual("lstm.d.x", x.grad(), ROUNDINGS);
    checkGradients("lstm", lstm);
  }

  @Test
  void gruOfTwoLayersFromAStateOfItsOwn() {
    Gru gru = new Gru(3, 2, 2, false, random);
    load("gru", gru);
    Tensor x = GOLDENS.variable("gru.x", DType.F32);
    Tensor h0 = GOLDENS.variable("gru.h0", DType.F32);

    Recurrent.Result result = gru.unroll(x, List.of(h0), null);

    GOLDENS.mustEqual("gru.y", result.outputs(), ROUNDINGS);
    GOLDENS.mustEqual("gru.h", result.hidden(), ROUNDINGS);
    weighted("gru.u.y", result.outputs()).add(weighted("gru.u.h", result.hidden())).backward();
    GOLDENS.mustEqual("gru.d.x", x.grad(), ROUNDINGS);
    GOLDENS.mustEqual("gru.d.h0", h0.grad(), ROUNDINGS);
    checkGradients("gru", gru);
  }

  @Test
  void rnnInBothDirectionsWithTheBatchFirst() {
    for (String name : List.of("tanh", "relu")) {
      Rnn rnn = new Rnn(3, 4, 1, true, name.equals("relu"), random).batchFirst();
      load(name, rnn);
      Tensor x = GOLDENS.variable(name + ".x", DType.F32);

      Recurrent.Result result = rnn.unroll(x);

      GOLDENS.mustEqual(name + ".y", result.outputs(), ROUNDINGS);
      GOLDENS.mustEqual(name + ".h", result.hidden(), ROUNDINGS);
      weighted(name + ".u.y", result.outputs())
          .add(weighted(name + ".u.h", result.hidden()))
          .backward();
      GOLDENS.mustEqual(name + ".d.x", x.grad(), ROUNDINGS);
      checkGradients(name, rnn);
    }
  }

  @Test
  void lengthsAndAStateOfItsOwnGoTogether() {
    Lstm lstm = new Lstm(3, 4, 2, true, random).batchFirst();
    Tensor x = Tensor.normal(random, 3, 5, 3);
    List<Tensor> start = List.of(Tensor.normal(random, 4, 3, 4), Tensor.normal(random, 4, 3, 4));
    int[] lengths = {2, 5, 3};

    Recurrent.Result all = lstm.unroll(x, start, lengths);

    for (int b = 0; b < lengths.length; b++) {
      int from = b;
      List<Tensor> own = start.stream().map(s -> s.slice(1, from, from + 1)).toList();
      Recurrent.Result alone = lstm.unroll(x.slice(0, b, b + 1).slice(1, 0, lengths[b]), own, null);
      Tensor outputs = all.outputs().slice(0, b, b + 1);
      assertArrayEquals(
          alone.outputs().toFloats(), outputs.slice(1, 0, lengths[b]).toFloats(), 1e-6f);
      for (float zero : outputs.slice(1, lengths[b], 5).toFloats()) {
        assertEquals(0, zero);
      }
      assertArrayEquals(
          alone.hidden().toFloats(), all.hidden().slice(1, b, b + 1).toFloats(), 1e-6f);
      assertArrayEquals(
          alone.memory().toFloats(), all.memory().slice(1, b, b + 1).toFloats(), 1e-6f);
    }
  }

  @Test
  void parametersAreNamedAndLaidOutAsPyTorchs() {
    Map<String, Tensor> parameters = new Gru(5, 7, 2, true, random).parameters();

    assertEquals(
        List.of(
            "weight_ih_l0",
            "weight_hh_l0",
            "bias_ih_l0",
            "bias_hh_l0",
            "weight_ih_l0_reverse",
            "weight_hh_l0_reverse",
            "bias_ih_l0_reverse",
            "bias_hh_l0_reverse",
            "weight_ih_l1",
            "weight_hh_l1",
            "bias_ih_l1",
            "bias_hh_l1",
            "weight_ih_l1_reverse",
            "weight_hh_l1_reverse",
            "bias_ih_l1_reverse",
            "bias_hh_l1_reverse"),
        List.copyOf(parameters.keySet()));
    List<Shape> shapes = parameters.values().stream().map(Tensor::shape).toList();
    assertEquals(Shape.of(21, 5), shapes.get(0));
    assertEquals(Shape.of(21, 7), shapes.get(1));
    assertEquals(Shape.of(21), shapes.get(2));
    assertEquals(Shape.of(21, 14), shapes.get(8), "the layer above takes both directions");
    assertEquals(
        "0.weight_ih_l0",
        new Sequential(new Lstm(1, 2, random)).parameters().keySet().iterator().next());
    parameters.values().forEach(p -> assertTrue(p.requiresGrad()));
  }

  @Test
  void parametersBeginUniformly() {
    Lstm lstm = new Lstm(50, 100, random);
    for (Tensor p : lstm.parameters().values()) {
      double[] values = p.toDoubles();
      double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
      double squares = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
      assertTrue(largest <= 0.1f && largest > 0.095, "largest " + largest);
      assertEquals(0.01 / 3, squares, 0.05 / Math.sqrt(values.length));
    }
    float[] again = new Lstm(50, 100, new Philox(2)).weights().get(0).ih().toFloats();
    assertArrayEquals(again, lstm.weights().get(0).ih().toFloats());
  }

  @Test
  void forgetGatesMayBeginOpen() {
    Lstm lstm = new Lstm(3, 2, 2, true, random);
    float[] before = lstm.weights().get(3).biasIh().toFloats();

    lstm.forgetBias(1.5);

    for (Weights w : lstm.weights()) {
      float[] sum = w.biasIh().add(w.biasHh()).toFloats();
      assertEquals(1.5f, sum[2]);
      assertEquals(1.5f, sum[3]);
    }
    float[] after = lstm.weights().get(3).biasIh().toFloats();
    for (int i : new int[] {0, 1, 4, 5, 6, 7}) {
      assertEquals(before[i], after[i], "only forget gates change");
    }
    lstm.forward(Tensor.ones(2, 1, 3)).sum().backward();
    lstm.parameters().values().forEach(p -> assertTrue(p.hasGrad()));
  }

  @Test
  void whatDoesNotFitIsSaid() {
    Lstm lstm = new Lstm(3, 4, random);

    assertEquals(
        "lstm_cell: x [5, 2, 4] must be [T, B, 3]",
        failure(() -> lstm.forward(Tensor.zeros(5, 2, 4))));
    assertEquals(
        "gru_cell: x [5, 3] must be [B, T, 3]",
        failure(() -> new Gru(3, 4, random).batchFirst().forward(Tensor.zeros(5, 3))));
    assertEquals(
        "packed: lengths [5, 6] of [5, 2, 3]; there must be 2, from 0 to 5, one of them above 0",
        failure(() -> lstm.unroll(Tensor.zeros(5, 2, 3), 5, 6)));
    assertEquals(
        "packed: lengths [0] of [5, 1, 3]; there must be 1, from 0 to 5, one of them above 0",
        failure(() -> lstm.unroll(Tensor.zeros(5, 1, 3), 0)));
    assertEquals(
        "packed: [0, 2, 3] must be [T, B, I] with at least one step",
        failure(() -> lstm.forward(Tensor.zeros(0, 2, 3))));
    assertEquals(
        "lstm_cell: initial states [[1, 2, 4]]; there must be 2 of [1, 2, 4]",
        failure(() -> lstm.unroll(Tensor.zeros(5, 2, 3), List.of(Tensor.zeros(1, 2, 4)), null)));
    assertEquals(
        "parameters: 0 layers of 4 units for inputs of size 3",
        failure(() -> new Gru(3, 4, 0, false, random)));
    assertEquals(
        "memory: only an Lstm has one",
        assertThrows(
                IllegalStateException.class,
                () -> new Rnn(1, 1, random).unroll(Tensor.zeros(1, 1, 1)).memory())
            .getMessage());
  }

  private static String failure(Runnable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }

  @Test
  void textSaysWhatItIs() {
    assertEquals("Lstm(3, 4, 2 layers, bidirectional)", new Lstm(3, 4, 2, true, random).toString());
    assertEquals("Rnn(3, 4)", new Rnn(3, 4, random).toString());
    assertFalse(new Gru(3, 4, random).toString().contains("@"));
  }

  @Test
  void dropoutStandsBetweenLayersInTrainingOnly() {
    Tensor x = Tensor.normal(random, 4, 2, 3);
    Lstm plain = new Lstm(3, 5, 2, false, new Philox(8));
    Lstm dropping = new Lstm(3, 5, 2, false, new Philox(8)).dropout(0.5, new Philox(9));
    float[] expected = plain.forward(x).toFloats();

    assertFalse(Arrays.equals(expected, dropping.forward(x).toFloats()));
    dropping.eval();
    assertArrayEquals(expected, dropping.forward(x).toFloats());

    // Without anything from below, the upper layer sees its biases alone, whatever x is.
    Lstm deaf = new Lstm(3, 5, 2, false, new Philox(8)).dropout(1, new Philox(9));
    Recurrent.Result one = deaf.unroll(x);
    Recurrent.Result other = deaf.unroll(x.neg());
    assertArrayEquals(one.outputs().toFloats(), other.outputs().toFloats());
    assertFalse(Arrays.equals(one.hidden().toFloats(), other.hidden().toFloats()), "layer 0 hears");
    assertEquals(
        "lstm_cell: dropout stands between layers, and there is but one",
        assertThrows(
                IllegalArgumentException.class, () -> new Lstm(3, 5, random).dropout(0.5, random))
            .getMessage());
  }
}
