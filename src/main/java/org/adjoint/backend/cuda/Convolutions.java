package org.adjoint.backend.cuda;

import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.driver.Convolution;
import org.adjoint.backend.cuda.driver.Convolution.Direction;
import org.adjoint.backend.cuda.driver.Dnn;
import org.adjoint.backend.cuda.driver.Libraries;
import org.adjoint.backend.cuda.driver.Library;
import org.adjoint.backend.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions by cuDNN on one GPU. What cuDNN has made of some sizes is kept for the next time,
 * since its choice of an algorithm takes longer than a small convolution. {@code tf32} says whether
 * factors of F32 may be rounded to that.
 */
final class Convolutions {
  /** Bytes of workspace that an algorithm may ask for. */
  private static final long WORKSPACE = 512L << 20;

  private static final int MOST_AXES = 3;
  private static final int KEPT = 512;

  private final Gpu gpu;
  private final Stream stream;
  private @Nullable Dnn dnn;

  private final Map<Convolution.Sizes, Convolution> prepared =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Convolution.Sizes, Convolution> eldest) {
          if (size() > KEPT) {
            eldest.getValue().close();
            return true;
          }
          return false;
        }
      };

  Convolutions(Gpu gpu, Stream stream) {
    this.gpu = gpu;
    this.stream = stream;
  }

  /** Whether cuDNN is found here, and takes such sizes. */
  static boolean supports(ConvSizes sizes) {
    return sizes.window().axes() <= MOST_AXES
        && sizes.isSome()
        && Math.max(sizes.x().count(), Math.max(sizes.w().count(), sizes.y().count()))
            <= Integer.MAX_VALUE
        && Libraries.bind(Library.DNN).isBound();
  }

  /** y from x and w, and b if there is one; all in order. */
  void forward(
      boolean tf32, ConvSizes sizes, Operand x, Operand w, @Nullable Operand b, Operand y) {
    Convolution convolution = of(tf32, sizes, x.dtype());
    long workspace = workspace(convolution, Direction.FORWARD);
    // A sum in fewer digits than it was computed in is not to be rounded twice.
    boolean narrow = y.dtype().bytes() < Float.BYTES;
    if (b != null && narrow) {
      ConvVariants.writeBias(gpu, b, y);
    }
    try (Timeline.Mark _ = gpu.timed(convolution.algorithm(Direction.FORWARD))) {
      convolution.forward(at(x), at(w), at(y), b != null && narrow ? 1 : 0, workspace);
      if (b != null && !narrow) {
        convolution.addBias(at(b), at(y));
      }
    }
  }

  /** dx from dy and w, all in order. */
  void inputGrad(boolean tf32, ConvSizes sizes, Operand dy, Operand w, Operand dx) {
    Convolution convolution = of(tf32, sizes, dy.dtype());
    long workspace = workspace(convolution, Direction.INPUT_GRADIENT);
    try (Timeline.Mark _ = gpu.timed(convolution.algorithm(Direction.INPUT_GRADIENT))) {
      convolution.inputGradient(at(w), at(dy), at(dx), 0, workspace);
    }
  }

  /** dw, and db if it is wanted, from x and dy, all in order. */
  void weightGrad(
      boolean tf32, ConvSizes sizes, Operand x, Operand dy, Operand dw, @Nullable Operand db) {
    Convolution convolution = of(tf32, sizes, x.dtype());
    long workspace = workspace(convolution, Direction.FILTER_GRADIENT);
    try (Timeline.Mark _ = gpu.timed(convolution.algorithm(Direction.FILTER_GRADIENT))) {
      convolution.filterGradient(at(x), at(dy), at(dw), 0, workspace);
      if (db != null) {
        convolution.biasGradient(at(dy), at(db), 0);
      }
    }
  }

  private Convolution of(boolean tf32, ConvSizes sizes, DType dtype) {
    if (dnn == null) {
      dnn = new Dnn(stream);
    }
    Dnn handle = dnn;
    return prepared.computeIfAbsent(
        sizes.forDnn(dtype, tf32, WORKSPACE), wanted -> new Convolution(handle, wanted));
  }

  /** Room for what is about to run. */
  private long workspace(Convolution convolution, Direction direction) {
    gpu.trace().queued(convolution.algorithm(direction));
    if (convolution.transforms(direction)) {
      gpu.trace().transformed();
    }
    long bytes = convolution.workspace(direction);
    return bytes == 0 ? 0 : at(gpu.scratch(DType.U8, Shape.of(bytes)));
  }

  private static long at(Operand operand) {
    return CudaStorage.address(operand);
  }
}
