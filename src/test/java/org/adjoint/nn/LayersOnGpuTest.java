package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.op.Attention;
import org.adjoint.op.Sliding;
import org.adjoint.optim.Adagrad;
import org.adjoint.optim.Adam;
import org.adjoint.optim.AdamW;
import org.adjoint.optim.Clip;
import org.adjoint.optim.LossScaler;
import org.adjoint.optim.Optimizer;
import org.adjoint.optim.RmsProp;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each layer on a GPU and on the CPU: outputs, gradients, and what it remembers. */
class LayersOnGpuTest {
  private static final double CLOSE = 2e-5;

  private final Device gpu = TestGpu.device();

  private record Case(String name, Function<Philox, Layer> layer, long... input) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Case> cases() {
    return Stream.of(
        new Case("linear", random -> new Linear(6, 5, random), 7, 6),
        new Case("conv", random -> new Conv(4, 6, 3, random), 3, 4, 7, 7),
        new Case(
            "conv of groups",
            random -> new Conv(4, 6, new int[] {3}, Sliding.over(1).withPadding(1), 2, random),
            3,
            4,
            9),
        new Case("conv transpose", random -> new ConvTranspose(4, 2, 3, 2, random), 2, 4, 5, 5),
        new Case("batch norm", _ -> new BatchNorm(4), 5, 4, 3),
        new Case("group norm", _ -> new GroupNorm(2, 4), 5, 4, 3),
        new Case("instance norm", _ -> new InstanceNorm(4), 5, 4, 3),
        new Case("layer norm", _ -> new LayerNorm(4, 3), 5, 4, 3),
        new Case("rms norm", _ -> new RmsNorm(3), 5, 4, 3),
        new Case("max pool", _ -> new MaxPool(2), 2, 3, 6, 6),
        new Case("avg pool", _ -> new AvgPool(2), 2, 3, 6, 6),
        new Case("adaptive avg pool", _ -> new AdaptiveAvgPool(3), 2, 3, 7, 5),
        new Case("global avg pool", _ -> new GlobalAvgPool(), 2, 3, 6, 6),
        new Case("dropout", random -> new Dropout(0.3, random), 9, 5),
        new Case("embedding", random -> new Embedding(11, 5, random), 4, 3),
        new Case("rnn", random -> new Rnn(3, 5, random), 6, 2, 3),
        new Case("lstm", random -> new Lstm(3, 5, 2, true, random).batchFirst(), 2, 6, 3),
        new Case("gru", random -> new Gru(3, 5, 2, true, random), 6, 2, 3),
        new Case(
            "lstm of lengths",
            random -> {
              Lstm lstm = new Lstm(3, 5, random);
              return new Residual(x -> x.add(lstm.unroll(x, 6, 2).outputs().sum(2).unsqueeze(2)));
            },
            6,
            2,
            3),
        new Case("attention", random -> new MultiheadAttention(8, 2, random), 2, 5, 8),
        new Case(
            "masked attention",
            random -> {
              MultiheadAttention heads = new MultiheadAttention(8, 2, random);
              return new Masked(heads);
            },
            2,
            5,
            8),
        new Case(
            "activations",
            _ ->
                new Sequential(
                    new Relu(),
                    new LeakyRelu(0.1),
                    new PRelu(4),
                    new Elu(1),
                    new Selu(),
                    new Gelu(),
                    new Silu(),
                    new Mish(),
                    new Sigmoid(),
                    new Tanh(),
                    new Softplus(),
                    new Softsign(),
                    new HardSigmoid(),
                    new HardSwish(),
                    new LogSigmoid(),
                    new Glu(1),
                    new Softmax(1),
                    new LogSoftmax(1)),
            5,
            4),
        new Case(
            "small net",
            random -> new Sequential(new Flatten(), new Linear(12, 2, random)),
            3,
            4,
            3));
  }

  /** With a mask that is made where its input lies. */
  private static final class Masked implements Layer {
    private final MultiheadAttention heads;

    Masked(MultiheadAttention heads) {
      this.heads = heads;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor mask = Attention.causalMask(5, 5).to(x.device());
      return heads.attend(x, x, x, mask).outputs();
    }
  }

  private static void requireClose(String what, Tensor here, Tensor there) {
    assertEquals(here.shape(), there.shape(), what);
    assertArrayEquals(here.toDoubles(), there.toDoubles(), CLOSE, what);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void asOnTheCpu(Case one) {
    Layer here = one.layer().apply(new Philox(1));
    Layer there = one.layer().apply(new Philox(1));
    there.to(gpu);
    boolean numbers = one.name().equals("embedding");
    Tensor x = Tensor.normal(new Philox(2), one.input());
    x = numbers ? x.abs().mul(3).to(DType.I64) : x.requireGrad();
    Tensor far = numbers ? x.to(gpu) : x.detach().to(gpu).requireGrad();
    for (int call = 0; call < 2; call++) {
      Tensor y = here.forward(x);
      Tensor yThere = there.forward(far);
      assertEquals(gpu, yThere.device());
      requireClose("output", y, yThere);
      Tensor weights = Tensor.normal(new Philox(3), y.shape().toArray());
      y.mul(weights).sum().backward();
      yThere.mul(weights.to(gpu)).sum().backward();
    }
    if (!numbers) {
      requireClose("gradient of the input", x.grad(), far.grad());
    }
    Map<String, Tensor> parameters = there.parameters();
    here.parameters()
        .forEach((name, p) ->
            requireClose("gradient of " + name, p.grad(), State.get(parameters, name).grad()));
    Map<String, Tensor> buffers = there.buffers();
    here.buffers().forEach((name, b) -> requireClose(name, b, State.get(buffers, name)));
    here.eval();
    there.eval();
    requireClose("in use", here.forward(x), there.forward(far));
  }

  private interface Maker {
    Optimizer of(Layer model);
  }

  @Test
  void optimisersStepAsOnTheCpu() {
    List<Maker> makers =
        List.of(
            model -> new Sgd(model, 0.1),
            model -> new Sgd(model, 0.1, 0.9),
            model -> new Adam(model, 0.01),
            model -> new AdamW(model, 0.01),
            model -> new RmsProp(model, 0.01),
            model -> new Adagrad(model, 0.01));
    for (Maker maker : makers) {
      Layer here = new Linear(5, 4, new Philox(1));
      Layer there = new Linear(5, 4, new Philox(1));
      there.to(gpu);
      Optimizer a = maker.of(here);
      Optimizer b = maker.of(there);
      Tensor x = Tensor.normal(new Philox(2), 6, 5);
      for (int i = 0; i < 3; i++) {
        assertEquals(step(here, a, x), step(there, b, x.to(gpu)), CLOSE);
      }
      Map<String, Tensor> moved = there.parameters();
      here.parameters().forEach((name, p) -> requireClose(name, p, State.get(moved, name)));
    }
  }

  private static double step(Layer model, Optimizer optimizer, Tensor x) {
    LossScaler scaler = new LossScaler();
    optimizer.zeroGrad();
    Tensor loss = model.forward(x).pow(2).mean();
    scaler.scale(loss).backward();
    scaler.unscale(optimizer);
    Clip.norm(model, 0.1);
    Clip.value(model, 0.05);
    scaler.step(optimizer);
    return loss.item();
  }
}
