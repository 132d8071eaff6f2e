package org.adjoint.op;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Elementwise;
import org.adjoint.backend.cuda.Gpu;
import org.adjoint.backend.cuda.Variant;

/**
 * y = x as another dtype: rounded to nearest for floating types; for integers towards zero, and to
 * the nearest end of their range where x lies outside; for BOOL whether x is not 0. Gradient: dx =
 * dy as x's dtype; none through integers.
 */
public record Cast(DType dtype) implements Op, Elementwise {
  @Override
  public Meta[] infer(Meta... in) {
    return new Meta[] {in[0].with(dtype)};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    System.arraycopy(in[0].data(), 0, out[0].data(), 0, out[0].count());
  }

  @Override
  public List<Variant> cuda() {
    return List.of(
        Variant.of(
            "strided",
            (gpu, in, out) ->
                gpu.call("copy", "cast_strided_" + Gpu.suffix(in[0].dtype()), dtype)
                    .walk(in[0], out[0])
                    .pointers(in[0], out[0])
                    .each(out[0].count())));
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 0;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].to(saved.meta(0).dtype())};
  }

  static OpSpec spec() {
    return OpSpec.of(new Cast(DType.F64))
        .formula("y = x as another dtype")
        .gradient("dx = dy as x's dtype")
        .elementwise(Draw::normal)
        .build();
  }
}
