package org.adjoint.op;

import static org.adjoint.op.Draw.mask;
import static org.adjoint.op.Draw.normal;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Elementwise;
import org.adjoint.backend.cuda.Variant;

/**
 * y = a where the mask holds, else b. Gradient: da = dy where the mask holds, else 0; db = dy where
 * it does not.
 *
 * <p>The side that is not taken is computed all the same: where its own slope is infinite or NaN,
 * the 0 that it gets becomes 0 · ∞ = NaN on the way further back. Keep such values out of it, not
 * only out of the result.
 */
public record Where() implements Op, Elementwise {
  /**
   * {@code a} where {@code mask}, a BOOL, holds, else {@code b}, with broadcasting of all three.
   */
  public static Tensor of(Tensor mask, Tensor a, Tensor b) {
    Shape shape = Shape.broadcast("where", a.shape(), b.shape());
    Shape common = Shape.broadcast("where", mask.shape(), shape);
    return new Where().apply(mask.expand(common), a.expand(common), b.expand(common));
  }

  /** {@code a} where {@code mask} holds, else the Java number {@code b}. */
  public static Tensor of(Tensor mask, Tensor a, double b) {
    return of(mask, a, like(a, b));
  }

  /** The Java number {@code a} where {@code mask} holds, else {@code b}. */
  public static Tensor of(Tensor mask, double a, Tensor b) {
    return of(mask, like(b, a), b);
  }

  private static Tensor like(Tensor x, double c) {
    return Tensor.full(x.meta().with(Shape.SCALAR), c);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDevice(this, in);
    Require.mask(this, in[0]);
    Require.same(this, in[1], in[2]);
    Require.same(this, in[0], in[1].with(in[0].dtype()));
    return new Meta[] {in[1]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] mask = in[0].data();
    double[] a = in[1].data();
    double[] b = in[2].data();
    double[] y = out[0].data();
    for (int i = 0; i < y.length; i++) {
      y[i] = mask[i] != 0 ? a[i] : b[i];
    }
  }

  @Override
  public List<Variant> cuda() {
    return List.of(
        Variant.of(
            "strided",
            (gpu, in, out) ->
                gpu.call("copy", "where_strided_" + out[0].dtype().bytes())
                    .walk(in[0], in[1], in[2], out[0])
                    .pointers(in[0], in[1], in[2], out[0])
                    .each(out[0].count())));
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor mask = saved.input(0);
    return new Tensor[] {
      null, saved.needs(1) ? of(mask, dy[0], 0) : null, saved.needs(2) ? of(mask, 0, dy[0]) : null
    };
  }

  static OpSpec spec() {
    return OpSpec.of(new Where())
        .formula("y = a where the mask holds, else b")
        .gradient("da = dy where the mask holds, else 0; db = dy where it does not, else 0")
        .elementwise(Draw::mask, Draw::normal, Draw::normal)
        .example("broadcast", t -> of(t[0], t[1], t[2]), mask(3), normal(2, 1), normal())
        .example("broadcast", t -> of(t[0], t[1], t[2]), mask(2, 1), normal(129), normal(129))
        .example("number", t -> of(t[0], t[1], 0.5), mask(2, 3), normal(2, 3))
        .example("number", t -> of(t[0], 0.5, t[1]), mask(2, 3), normal(2, 3))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(2), 0),
            "where: F32 is not BOOL; compare it with something, as ne(0) does")
        .rejects(
            () -> of(Tensor.zeros(2).gt(0), Tensor.zeros(3), Tensor.zeros(3)),
            "where: [2] and [3] do not broadcast: sizes 2 and 3 at axis -1 differ and neither is 1")
        .rejects(
            () -> of(Tensor.zeros(2).gt(0), Tensor.zeros(2), Tensor.of(1L)),
            "where: dtypes F32 and I64 differ; convert one with to(DType.F32)")
        .build();
  }
}
