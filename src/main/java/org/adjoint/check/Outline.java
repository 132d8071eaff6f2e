package org.adjoint.check;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.backend.cuda.NoKernelException;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.op.Draw;
import org.jspecify.annotations.Nullable;

/**
 * Which variants of an operation would run a case, found out without the case: of contiguous
 * operands of its shapes, of which there is no element but the first. So there need be no room for
 * them.
 *
 * @param variants the names of those that take it, the best first
 * @param chosen the name of the one that runs by itself; null if none does
 */
public record Outline(List<String> variants, @Nullable String chosen) {
  /** Variants that do not change any more. */
  public Outline {
    variants = List.copyOf(variants);
  }

  /**
   * Of an operation on a GPU.
   *
   * @param dtype of the floating inputs
   */
  public static Outline of(Device device, DType dtype, Op op, Draw... inputs) {
    CudaBackend backend = CudaBackend.of(device);
    Meta[] given =
        Arrays.stream(inputs)
            .map(draw -> new Meta(draw.shape(), draw.dtype(dtype), device))
            .toArray(Meta[]::new);
    Operand[] in = operands(backend, given);
    Operand[] out = operands(backend, op.infer(given));
    try {
      List<String> takers =
          Variants.of(op).stream()
              .filter(variant -> variant.supports().test(in, out))
              .map(Variant::name)
              .toList();
      return new Outline(takers, chosen(backend, op, in, out));
    } finally {
      Stream.of(in, out).flatMap(Arrays::stream).forEach(x -> x.storage().release());
    }
  }

  private static Operand[] operands(CudaBackend backend, Meta... metas) {
    return Arrays.stream(metas)
        .map(x -> new Operand(backend.allocate(x.dtype(), 1), Layout.contiguous(x.shape())))
        .toArray(Operand[]::new);
  }

  private static @Nullable String chosen(CudaBackend backend, Op op, Operand[] in, Operand[] out) {
    try {
      return backend.chosen(op, in, out).name();
    } catch (NoKernelException e) {
      return null;
    }
  }
}
