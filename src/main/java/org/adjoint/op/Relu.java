package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;

/**
 * y = max(x, 0); NaN stays NaN. Gradient: dx = dy where y &gt; 0, else 0; in particular ReLU′(0) =
 * 0.
 */
public record Relu() implements Unary {
  @Override
  public double f(double x) {
    return x <= 0 ? 0 : x;
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> Simd.best().relu(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {new Gate().apply(saved.output(0), dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new Relu())
        .formula("y = max(x, 0)")
        .gradient("dx = dy where y > 0, else 0")
        .elementwise(Draw::apart)
        .rejects(
            () -> new Relu().apply(Tensor.of(1L)),
            "relu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /**
   * dx = dy where y &gt; 0, else 0: the gradient of {@link Relu}. Its own: d(dy) = the gradient
   * where y &gt; 0; dy' = 0, as the gate is flat in y.
   */
  public record Gate() implements Binary {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in);
      Require.floating(this, in[0]);
      return new Meta[] {in[0]};
    }

    @Override
    public double f(double y, double dy) {
      return y > 0 ? dy : 0;
    }

    @Override
    public Lanes lanes() {
      return (x, at, dx, dxAt, n) -> Simd.best().reluGrad(x[0], at[0], x[1], at[1], dx, dxAt, n);
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      return new Tensor[] {null, new Gate().apply(saved.input(0), g[0])};
    }

    static OpSpec spec() {
      return OpSpec.of(new Gate())
          .formula("y = b where a > 0, else 0")
          .gradient("db = dy where a > 0, else 0; da = 0")
          .elementwise(Draw::apart, Draw::normal)
          .rejects(
              () -> new Gate().apply(Tensor.zeros(2), Tensor.zeros(3)),
              "relu.gate: shapes [2] and [3] differ")
          .build();
    }
  }
}
