package org.adjoint.op;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.adjoint.Tensor;
import org.adjoint.op.RecurrentCell.Weights;

/** The equations for one sequence, with a bound on the error that rounding may cause. */
abstract class NaiveCell {
  static final int IN = 3;
  static final int HIDDEN = 4;

  final double[][] ih;
  final double[][] hh;
  final double[] biasIh;
  final double[] biasHh;
  final double u;
  double[] h = new double[HIDDEN];
  double[] hError = new double[HIDDEN];

  NaiveCell(Weights w) {
    ih = matrix(w.ih());
    hh = matrix(w.hh());
    biasIh = w.biasIh().toDoubles();
    biasHh = w.biasHh().toDoubles();
    u = w.ih().dtype().unitRoundoff();
  }

  /** A number and what it may be off by. */
  record Rounded(double value, double error) {
    Rounded plus(Rounded b, double u) {
      double sum = value + b.value;
      return new Rounded(sum, error + b.error + u * Math.abs(sum));
    }

    Rounded times(Rounded b, double u) {
      double product = value * b.value;
      double off = Math.abs(value) * b.error + Math.abs(b.value) * error + error * b.error;
      return new Rounded(product, off + u * Math.abs(product));
    }

    /** A function with a slope of at most {@code slope}, itself good to four roundings. */
    Rounded through(DoubleUnaryOperator f, double slope, double u) {
      double y = f.applyAsDouble(value);
      return new Rounded(y, slope * error + 4 * u * Math.max(Math.abs(y), 0.5));
    }
  }

  Rounded ofInput(int row, double[] x) {
    return dot(ih[row], x, new double[IN], biasIh[row]);
  }

  Rounded ofState(int row) {
    return dot(hh[row], h, hError, biasHh[row]);
  }

  private Rounded dot(double[] w, double[] x, double[] error, double bias) {
    double sum = bias;
    double terms = Math.abs(bias);
    double carried = 0;
    for (int i = 0; i < w.length; i++) {
      sum += w[i] * x[i];
      terms += Math.abs(w[i] * x[i]);
      carried += Math.abs(w[i]) * error[i];
    }
    return new Rounded(sum, carried + (w.length + 2) * u * terms);
  }

  Rounded sigmoid(Rounded a) {
    return a.through(x -> 1 / (1 + Math.exp(-x)), 0.25, u);
  }

  Rounded tanh(Rounded a) {
    return a.through(Math::tanh, 1, u);
  }

  void step(double[] x) {
    Rounded[] next = new Rounded[HIDDEN];
    for (int j = 0; j < HIDDEN; j++) {
      next[j] = unit(j, x);
    }
    h = Arrays.stream(next).mapToDouble(Rounded::value).toArray();
    hError = Arrays.stream(next).mapToDouble(Rounded::error).toArray();
  }

  abstract Rounded unit(int j, double[] x);

  private static double[][] matrix(Tensor t) {
    double[] all = t.toDoubles();
    int columns = (int) t.size(1);
    double[][] rows = new double[(int) t.size(0)][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * columns, (i + 1) * columns));
    return rows;
  }

  static final class Lstm extends NaiveCell {
    private final Rounded[] c = new Rounded[HIDDEN];

    Lstm(Weights w) {
      super(w);
      Arrays.fill(c, new Rounded(0, 0));
    }

    @Override
    Rounded unit(int j, double[] x) {
      Rounded in = sigmoid(gate(0, j, x));
      Rounded forget = sigmoid(gate(1, j, x));
      Rounded candidate = tanh(gate(2, j, x));
      Rounded out = sigmoid(gate(3, j, x));
      c[j] = forget.times(c[j], u).plus(in.times(candidate, u), u);
      return out.times(tanh(c[j]), u);
    }

    private Rounded gate(int gate, int j, double[] x) {
      int row = gate * HIDDEN + j;
      return ofInput(row, x).plus(ofState(row), u);
    }
  }

  static final class Gru extends NaiveCell {
    Gru(Weights w) {
      super(w);
    }

    @Override
    Rounded unit(int j, double[] x) {
      Rounded reset = sigmoid(ofInput(j, x).plus(ofState(j), u));
      int z = HIDDEN + j;
      Rounded keep = sigmoid(ofInput(z, x).plus(ofState(z), u));
      int n = 2 * HIDDEN + j;
      Rounded candidate = tanh(ofInput(n, x).plus(reset.times(ofState(n), u), u));
      Rounded rest = new Rounded(1 - keep.value(), keep.error() + u);
      return rest.times(candidate, u).plus(keep.times(new Rounded(h[j], hError[j]), u), u);
    }
  }

  static final class Rnn extends NaiveCell {
    private final boolean relu;

    Rnn(Weights w, boolean relu) {
      super(w);
      this.relu = relu;
    }

    @Override
    Rounded unit(int j, double[] x) {
      Rounded a = ofInput(j, x).plus(ofState(j), u);
      return relu ? new Rounded(Math.max(0, a.value()), a.error()) : tanh(a);
    }
  }
}
