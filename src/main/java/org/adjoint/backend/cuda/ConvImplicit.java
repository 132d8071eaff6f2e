package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/** Launches of {@code conv_implicit.cu}. All operands lie in order. */
final class ConvImplicit {
  private static final int PLACES = 128;
  private static final int MOST_BLOCKS = 65_535;

  private ConvImplicit() {}

  static boolean supports(ConvSizes sizes, Operand y) {
    return y.dtype() == DType.F32
        && sizes.isSome()
        && sizes.window().axes() <= 2
        && sizes.images() * sizes.outputs() <= 1 << 30
        && sizes.inputs() <= 1 << 30
        && sizes.groups() <= MOST_BLOCKS
        && sizes.filters() <= 64L * MOST_BLOCKS
        && Gpu.isAligned(y);
  }

  static void forward(
      Gpu gpu, ConvSizes sizes, Operand x, Operand w, @Nullable Operand b, Operand y) {
    Shape byTaps = Shape.of(sizes.groups(), sizes.taps(), sizes.channels(), sizes.filters());
    Operand weights = gpu.scratch(DType.F32, byTaps);
    Operand given =
        ConvGemm.reshaped(w, sizes.groups(), sizes.filters(), sizes.channels(), sizes.taps());
    gpu.copy(new Operand(w.storage(), given.layout().permute(0, 3, 2, 1)), weights);
    Window window = sizes.window().asPlane();
    // A block of 128 filters has more to multiply for each value that it loads.
    int tile = sizes.filters() <= 64 ? 64 : 128;
    gpu.call("conv_implicit", "conv_implicit_" + tile, DType.F32)
        .longs(
            sizes.images(),
            sizes.groups(),
            sizes.channels(),
            sizes.filters(),
            window.input().size(0),
            window.input().size(1),
            window.output().size(0),
            window.output().size(1),
            window.kernel().size(0),
            window.kernel().size(1),
            at(window.stride(), 0),
            at(window.stride(), 1),
            at(window.padding(), 0),
            at(window.padding(), 1),
            at(window.dilation(), 0),
            at(window.dilation(), 1))
        .pointers(x, weights)
        .pointerOrNull(b)
        .pointer(y)
        .grid(
            Math.ceilDiv(sizes.images() * sizes.outputs(), PLACES),
            Math.ceilDiv(sizes.filters(), tile),
            sizes.groups())
        .block(Gpu.BLOCK)
        .run();
  }

  private static long at(List<Integer> numbers, int axis) {
    return numbers.get(axis);
  }
}
