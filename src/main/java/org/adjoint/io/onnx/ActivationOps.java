package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.op.ArgMax;
import org.adjoint.op.Elu;
import org.adjoint.op.Gelu;
import org.adjoint.op.Mish;
import org.adjoint.op.Softsign;
import org.adjoint.op.Where;

/** The functions that stand between the layers of networks. */
final class ActivationOps {
  private static final double SELU_ALPHA = 1.6732632423543772;
  private static final double SELU_GAMMA = 1.0507009873554805;

  private ActivationOps() {}

  static void register(Operators table) {
    table.one("Relu", 0, 1, "", ActivationOps::relu);
    plain(table, "Sigmoid", 0, Tensor::sigmoid);
    plain(table, "Tanh", 0, Tensor::tanh);
    plain(table, "Softplus", 1, Tensor::softplus);
    plain(table, "Softsign", 1, Softsign::of);
    plain(table, "HardSwish", 14, x -> x.mul(x.div(6).add(0.5).clamp(0, 1)));
    plain(table, "Mish", 18, Mish::of);
    table.one("LeakyRelu", 0, 1, "alpha", c -> c.floating(0).leakyRelu(c.real("alpha", 0.01)));
    table.one("Elu", 0, 1, "alpha", c -> Elu.of(c.floating(0), c.real("alpha", 1)));
    table.one("Celu", 12, 1, "alpha", ActivationOps::celu);
    table.one("Selu", 0, 1, "alpha gamma", ActivationOps::selu);
    table.one("HardSigmoid", 0, 1, "alpha beta", ActivationOps::hardSigmoid);
    table.one("ThresholdedRelu", 10, 1, "alpha", ActivationOps::thresholded);
    table.one("Shrink", 9, 1, "bias lambd", ActivationOps::shrink);
    table.one("Gelu", 20, 1, "approximate", ActivationOps::gelu);
    table.one("Swish", 24, 1, "alpha", ActivationOps::swish);
    table.one("PRelu", 0, 2, "", ActivationOps::slopeOfChannels);
    table.one("PRelu", 7, 2, "", c -> prelu(c, c.in(1)));
    alongAxis(table, "Softmax", Tensor::softmax);
    alongAxis(table, "LogSoftmax", Tensor::logSoftmax);
    alongAxis(table, "Hardmax", ActivationOps::hardmax);
  }

  private static void plain(Operators table, String op, long since, UnaryOperator<Tensor> f) {
    table.one(op, since, 1, "", c -> f.apply(c.floating(0)));
  }

  /** A function along one axis. */
  private interface Along {
    Tensor apply(Tensor x, int axis);
  }

  /** Before version 13, all axes from {@code axis} on are one; since then it is that axis alone. */
  private static void alongAxis(Operators table, String op, Along f) {
    table.one(
        op,
        0,
        1,
        "axis",
        c -> {
          Tensor x = c.floating(0);
          long axis = c.integer("axis", 1);
          int at = axis == x.rank() ? x.rank() : c.axis(axis, x.rank());
          Tensor flat =
              x.reshape(x.shape().slice(0, at).count(), x.shape().slice(at, x.rank()).count());
          return f.apply(flat, 1).reshape(x.shape().toArray());
        });
    table.one(
        op,
        13,
        1,
        "axis",
        c -> f.apply(c.floating(0), c.axis(c.integer("axis", -1), c.in(0).rank())));
  }

  private static Tensor hardmax(Tensor x, int axis) {
    Tensor first = new ArgMax(axis).apply(x).expand(x.shape());
    long[] line = new long[x.rank()];
    Arrays.fill(line, 1);
    line[axis] = x.size(axis);
    Tensor places = Tensor.arange((int) x.size(axis)).reshape(line).expand(x.shape());
    return places.eq(first).to(x.dtype());
  }

  private static Tensor relu(Call c) {
    Tensor x = c.in(0);
    c.supports(x.dtype() != DType.BOOL, "elements of BOOL");
    return x.dtype().isFloating() ? x.relu() : x.to(DType.F64).relu().to(x.dtype());
  }

  private static Tensor celu(Call c) {
    double alpha = c.real("alpha", 1);
    return Elu.of(c.floating(0).div(alpha), 1).mul(alpha);
  }

  private static Tensor selu(Call c) {
    return Elu.of(c.floating(0), c.real("alpha", SELU_ALPHA)).mul(c.real("gamma", SELU_GAMMA));
  }

  private static Tensor hardSigmoid(Call c) {
    return c.floating(0).mul(c.real("alpha", 0.2)).add(c.real("beta", 0.5)).clamp(0, 1);
  }

  private static Tensor thresholded(Call c) {
    Tensor x = c.floating(0);
    return Where.of(x.gt(c.real("alpha", 1)), x, 0);
  }

  private static Tensor shrink(Call c) {
    Tensor x = c.floating(0);
    double bias = c.real("bias", 0);
    double lambda = c.real("lambd", 0.5);
    return Where.of(x.lt(-lambda), x.add(bias), Where.of(x.gt(lambda), x.sub(bias), 0));
  }

  private static Tensor gelu(Call c) {
    return switch (c.text("approximate", "none")) {
      case "none" -> Gelu.of(c.floating(0));
      case "tanh" -> Gelu.tanh(c.floating(0));
      default -> throw c.unsupported("approximate = '" + c.text("approximate", "") + "'");
    };
  }

  private static Tensor swish(Call c) {
    Tensor x = c.floating(0);
    return x.mul(x.mul(c.real("alpha", 1)).sigmoid());
  }

  /** Before version 7 the slopes are those of the channels, or one for all. */
  private static Tensor slopeOfChannels(Call c) {
    Tensor x = c.floating(0);
    Tensor slope = c.in(1);
    if (slope.shape().count() != 1 && slope.rank() == 1) {
      for (int i = 2; i < x.rank(); i++) {
        slope = slope.unsqueeze(-1);
      }
    }
    return prelu(c, slope);
  }

  private static Tensor prelu(Call c, Tensor slope) {
    Tensor x = c.floating(0);
    Tensor each = slope.shape().count() == 1 ? slope.reshape() : slope;
    return Where.of(x.ge(0), x, x.mul(each.expand(x.shape())));
  }
}
