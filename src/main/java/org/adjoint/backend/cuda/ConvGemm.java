package org.adjoint.backend.cuda;

import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * Convolution as a product of matrices: the cells that each output sees are written down as the
 * columns of a matrix, some images at a time. All operands lie in order.
 */
final class ConvGemm {
  /** Elements of columns that are written down at a time, if one image has no more. */
  private static final long MOST = 32 << 20;

  private final Gpu gpu;
  private final ConvSizes sizes;
  private final long groups;
  private final long most;

  ConvGemm(Gpu gpu, ConvSizes sizes) {
    this(gpu, sizes, MOST);
  }

  /** With {@code most} elements of columns at a time. */
  ConvGemm(Gpu gpu, ConvSizes sizes, long most) {
    this.gpu = gpu;
    this.sizes = sizes;
    this.most = most;
    groups = sizes.groups();
  }

  /** Does the work for some images. */
  @FunctionalInterface
  private interface Piece {
    void at(long from, long count);
  }

  private void forEachPiece(Piece piece) {
    for (long from = 0; from < sizes.images(); from += images()) {
      piece.at(from, Math.min(images(), sizes.images() - from));
    }
  }

  /** Images whose columns are written down at a time. */
  private long images() {
    long perImage = groups * depth() * sizes.outputs();
    return Math.clamp(most / perImage, 1, sizes.images());
  }

  /** Room for the columns of a piece; each piece uses it anew. */
  private Operand room(DType dtype) {
    return gpu.scratch(dtype, Shape.of(images(), groups, depth(), sizes.outputs()));
  }

  /** The first elements of {@code room}. */
  private static Operand part(Operand room, long... shape) {
    return new Operand(room.storage(), Layout.contiguous(Shape.of(shape)));
  }

  /** Terms of the sum that an output is. */
  private long depth() {
    return sizes.channels() * sizes.taps();
  }

  /** y [n, groups, F, O] = w [groups, F, CK] · columns [n, groups, CK, O]. */
  void forward(Operand x, Operand w, @Nullable Operand b, Operand y) {
    if (b != null) {
      ConvVariants.writeBias(gpu, b, y);
    }
    Operand room = room(x.dtype());
    forEachPiece((from, count) -> {
      Operand columns = part(room, count, groups, depth(), sizes.outputs());
      writeColumns(ConvSizes.images(x, from, count), 1, columns);
      gpu.gemm(
          expanded(weights(w), count),
          columns,
          outputs(ConvSizes.images(y, from, count), count),
          b != null);
    });
  }

  /** The columns' gradient [n, groups, CK, O] = wᵀ · dy [n, groups, F, O], and that added up. */
  void inputGrad(Operand dy, Operand w, Operand dx) {
    Operand room = room(dx.dtype());
    forEachPiece((from, count) -> {
      Operand columns = part(room, count, groups, depth(), sizes.outputs());
      gpu.gemm(
          transposed(expanded(weights(w), count)),
          outputs(ConvSizes.images(dy, from, count), count),
          columns,
          false);
      Operand some = ConvSizes.images(dx, from, count);
      gpu.call("conv", "col2im", dx.dtype())
          .longs(sizes.window().members())
          .int64(some.count())
          .pointers(columns, some)
          .each(some.count());
    });
  }

  /** dw [groups, F, CK] = dy [groups, F, n·O] · columns [groups, CK, n·O]ᵀ. */
  void weightGrad(Operand x, Operand dy, Operand dw) {
    Operand room = room(x.dtype());
    Operand slopes =
        gpu.scratch(dy.dtype(), Shape.of(groups, sizes.filters(), images(), sizes.outputs()));
    forEachPiece((from, count) -> {
      long length = count * sizes.outputs();
      Operand columns = part(room, groups, depth(), length);
      writeColumns(ConvSizes.images(x, from, count), count, columns);
      Operand some = outputs(ConvSizes.images(dy, from, count), count);
      gpu.copy(
          new Operand(some.storage(), some.layout().permute(1, 2, 0, 3)),
          part(slopes, groups, sizes.filters(), count, sizes.outputs()));
      gpu.gemm(
          part(slopes, groups, sizes.filters(), length),
          transposed(columns),
          reshaped(dw, groups, sizes.filters(), depth()),
          from > 0);
    });
  }

  /** The columns of {@code beside} images share a matrix. */
  private void writeColumns(Operand x, long beside, Operand columns) {
    gpu.call("conv", "im2col", x.dtype())
        .longs(sizes.window().members())
        .int64(beside)
        .int64(x.shape().size(1))
        .int64(columns.count())
        .pointers(x, columns)
        .each(columns.count());
  }

  private Operand weights(Operand w) {
    return reshaped(w, 1, groups, sizes.filters(), depth());
  }

  private Operand outputs(Operand y, long images) {
    return reshaped(y, images, groups, sizes.filters(), sizes.outputs());
  }

  private static Operand expanded(Operand w, long images) {
    return new Operand(w.storage(), w.layout().expand(w.shape().with(0, images)));
  }

  static Operand reshaped(Operand operand, long... shape) {
    Layout layout = operand.layout().reshape(Shape.of(shape));
    return new Operand(operand.storage(), Objects.requireNonNull(layout));
  }

  private static Operand transposed(Operand matrices) {
    int rank = matrices.shape().rank();
    int[] axes = new int[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = i;
    }
    axes[rank - 2] = rank - 1;
    axes[rank - 1] = rank - 2;
    return new Operand(matrices.storage(), matrices.layout().permute(axes));
  }
}
