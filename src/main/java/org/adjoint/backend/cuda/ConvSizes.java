package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.driver.Convolution;

/** The sizes of a convolution: x [N, C, I…], w [F, C / groups, K…] and y [N, F, O…]. */
record ConvSizes(Shape x, Shape w, Shape y, Window window, int groups) {
  long images() {
    return x.size(0);
  }

  /** Channels of one group. */
  long channels() {
    return w.size(1);
  }

  /** Filters of one group. */
  long filters() {
    return w.size(0) / groups;
  }

  long inputs() {
    return window.input().count();
  }

  long outputs() {
    return window.output().count();
  }

  long taps() {
    return window.kernel().count();
  }

  /** Whether no size is 0. */
  boolean isSome() {
    return x.count() > 0 && w.count() > 0 && y.count() > 0;
  }

  /** The kernels' {@code struct Many}. */
  long[] many() {
    return new long[] {images(), groups, channels(), filters()};
  }

  /** As cuDNN wants them. */
  Convolution.Sizes forDnn(DType dtype, boolean tf32, long workspace) {
    return new Convolution.Sizes(
        dtype,
        list(x),
        list(w),
        list(y),
        window.stride(),
        window.padding(),
        window.dilation(),
        groups,
        tf32,
        workspace);
  }

  private static List<Long> list(Shape shape) {
    return Arrays.stream(shape.toArray()).boxed().toList();
  }

  /** The images {@code from} to {@code from + count} − 1 of x or y, which lies in order. */
  static Operand images(Operand operand, long from, long count) {
    return new Operand(operand.storage(), operand.layout().slice(0, from, count, 1));
  }
}
