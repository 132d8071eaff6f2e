package org.adjoint.samples;

import java.nio.file.Path;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.Gpu;
import org.adjoint.backend.cuda.KernelFile;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;
import org.adjoint.op.Require;

/**
 * y = x · σ(βx), an operation with kernels of its own, {@code swish.cu}. Gradient: dx = dy ⊙ (s + z
 * ⊙ s ⊙ (1 − s)), where z = βx and s = σ(z).
 *
 * <p>Ramachandran, Zoph and Le, Searching for activation functions (2017).
 */
record Swish(KernelFile kernels, double beta) implements Op {
  /** The file beside this one. */
  static final Path SOURCE =
      Path.of(System.getProperty("adjoint.home", ""), "samples/26-own-kernel/swish.cu");

  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    return new Meta[] {in[0]};
  }

  /** The definition, which the kernels are checked against, and what runs on a CPU. */
  @Override
  public void reference(Dense[] in, Dense[] out) {
    for (int i = 0; i < in[0].count(); i++) {
      double x = in[0].data()[i];
      out[0].data()[i] = x / (1 + StrictMath.exp(-beta * x));
    }
  }

  /** The best first: one that takes what {@link #isWide} says, and one that takes all floats. */
  @Override
  public List<Variant> cuda() {
    return List.of(
        Variant.of("wide", (gpu, in, out) -> launch(gpu, "swish_wide", 4, in, out))
            .where(Swish::isWide),
        Variant.floats("naive", (gpu, in, out) -> launch(gpu, "swish_naive", 1, in, out)));
  }

  /** Launches {@code entry}(x…, y, n, β), a thread for so many elements. */
  private void launch(Gpu gpu, String entry, int each, Operand[] in, Operand[] out) {
    DType dtype = out[0].dtype();
    Gpu.Call call = gpu.call(kernels, entry + "_" + Gpu.suffix(dtype));
    for (Operand x : in) {
      call.flat(dtype, gpu.contiguous(x)); // a copy of a view, no other
    }
    long n = out[0].count();
    call.flat(dtype, out).int64(n).float64(beta).each(Math.ceilDiv(n, each));
  }

  private static boolean isWide(Operand[] in, Operand[] out) {
    for (Operand x : in) {
      if (!x.layout().isContiguous() || !Gpu.isAligned(x)) {
        return false;
      }
    }
    return out[0].dtype() == DType.F32;
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {new Grad(this).apply(saved.input(0), dy[0])};
  }

  /** What is to be proved: at which shapes, and how exact the kernels must be. */
  OpSpec spec() {
    return OpSpec.of(this)
        .formula("y = x · σ(βx)")
        .gradient("dx = dy ⊙ (s + z ⊙ s ⊙ (1 − s)), z = βx, s = σ(z)")
        .gpuUlps(8)
        .elementwise(Draw::normal)
        .example(this, Draw.normal(1025))
        .build();
  }

  /** dx of x and dy: the gradient of {@link Swish}, an operation with a gradient of its own. */
  record Grad(Swish swish) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in);
      Require.floating(this, in[0]);
      return new Meta[] {in[0]};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      for (int i = 0; i < in[0].count(); i++) {
        double z = swish.beta * in[0].data()[i];
        double s = 1 / (1 + StrictMath.exp(-z));
        out[0].data()[i] = in[1].data()[i] * (s + z * s * (1 - s));
      }
    }

    @Override
    public List<Variant> cuda() {
      return List.of(
          Variant.of("wide", (gpu, in, out) -> swish.launch(gpu, "swish_grad_wide", 4, in, out))
              .where(Swish::isWide),
          Variant.floats(
              "naive", (gpu, in, out) -> swish.launch(gpu, "swish_grad_naive", 1, in, out)));
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1);
    }

    /** To dy the same of g; to x, g ⊙ dy ⊙ β s (1 − s) (2 + z (1 − 2s)). */
    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor z = saved.input(0).mul(swish.beta);
      Tensor s = z.sigmoid();
      Tensor slope = s.mul(s.neg().add(1)).mul(z.mul(s.mul(-2).add(1)).add(2)).mul(swish.beta);
      return new Tensor[] {
        g[0].mul(saved.input(1)).mul(slope), new Grad(swish).apply(saved.input(0), g[0])
      };
    }

    OpSpec spec() {
      return OpSpec.of(this)
          .formula("dx = dy ⊙ (s + z ⊙ s ⊙ (1 − s)), z = βx, s = σ(z)")
          .gradient("to dy: the same of g; to x: g ⊙ dy ⊙ β s (1 − s) (2 + z (1 − 2s))")
          .ulpsOfLargest(8)
          .elementwise(Draw::normal, Draw::normal)
          .example(this, Draw.normal(1025), Draw.normal(1025))
          .build();
    }
  }
}
