package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;

/**
 * The ways to run cross-entropy and its gradient, which {@code nll.cu} and {@code nll_grad.cu}
 * describe.
 *
 * @param op the name to complain in
 * @param ignore the label of rows that count nothing; the least long if there is none
 * @param smoothing what is taken from the label and given to all classes alike
 */
public record NllVariants(String op, long ignore, double smoothing) {
  /** Rows that a warp has together; {@code TILE} of {@code nll.cuh}, and their longest. */
  private static final int TILE = 32;

  /** Bytes of a row that a thread takes. */
  private static final int A_THREAD = 64;

  /** Of (x, labels) the losses, maxima and logarithms. */
  public List<Variant> forward() {
    return List.of(
        new Variant(
            "tile",
            "labels of rows, up to 32 classes",
            (in, _) -> isTile(in),
            (gpu, in, out) -> tiles(forward(gpu, "tile", in, out), in).run()),
        new Variant(
            "rows",
            "labels of rows",
            (in, _) -> rows(in).inner() == 1,
            (gpu, in, out) -> groups(forward(gpu, "rows", in, out), in).run()),
        Variant.of(
            "columns", (gpu, in, out) -> rows(in).columns(forward(gpu, "columns", in, out)).run()),
        Variant.of(
            "naive", (gpu, in, out) -> forward(gpu, "naive", in, out).each(rows(in).count())));
  }

  /** Of (x, labels, maxima, logarithms, dy) dx. */
  public List<Variant> backward() {
    return List.of(
        new Variant(
            "tile",
            "labels of rows, up to 32 classes",
            (in, _) -> isTile(in),
            (gpu, in, out) -> tiles(backward(gpu, "tile", in, out), in).run()),
        new Variant(
            "rows",
            "labels of rows",
            (in, _) -> rows(in).inner() == 1,
            (gpu, in, out) -> groups(backward(gpu, "rows", in, out), in).run()),
        Variant.of(
            "columns", (gpu, in, out) -> rows(in).columns(backward(gpu, "columns", in, out)).run()),
        Variant.of("naive", (gpu, in, out) -> backward(gpu, "naive", in, out).each(in[0].count())));
  }

  private static Rows rows(Operand... in) {
    return Rows.of(in[0].shape(), 1);
  }

  private static boolean isTile(Operand... in) {
    Rows rows = rows(in);
    return rows.inner() == 1 && rows.n() >= 1 && rows.n() <= TILE;
  }

  /** The grid of a kernel that gives each thread of a warp a row. */
  private static Gpu.Call tiles(Gpu.Call call, Operand... in) {
    return call.grid(Math.ceilDiv(rows(in).count(), TILE)).block(TILE);
  }

  /** The grid of a kernel that gives a group of threads to a row: each may take several packs. */
  private static Gpu.Call groups(Gpu.Call call, Operand... in) {
    Rows rows = rows(in);
    int bytes = in[0].dtype().bytes();
    int group = Rows.group(rows.n(), 16 / bytes, bytes, A_THREAD / bytes);
    return Rows.groups(call, rows.count(), group);
  }

  private Gpu.Call begin(
      Gpu gpu, String file, String way, Operand[] in, Operand x, Operand labels) {
    Rows rows = rows(in);
    return gpu.call(file, file + "_" + way + "_" + Gpu.suffix(labels.dtype()), x.dtype())
        .longs(rows.count(), rows.n(), rows.inner(), ignore)
        .float64(smoothing)
        .pointers(x, labels);
  }

  private Gpu.Call forward(Gpu gpu, String way, Operand[] in, Operand... out) {
    Operand x = gpu.contiguous(in[0]);
    Operand labels = gpu.contiguous(in[1]);
    return begin(gpu, "nll", way, in, x, labels).pointers(out).guard(op);
  }

  private Gpu.Call backward(Gpu gpu, String way, Operand[] in, Operand... out) {
    Operand x = gpu.contiguous(in[0]);
    Operand labels = gpu.contiguous(in[1]);
    DType exact = x.dtype() == DType.F64 ? DType.F64 : DType.F32;
    Operand max = in[2].dtype() == exact ? gpu.contiguous(in[2]) : gpu.converted(in[2], exact);
    Operand log = in[3].dtype() == exact ? gpu.contiguous(in[3]) : gpu.converted(in[3], exact);
    // Most often it is one number for all rows, and need not be laid out.
    Layout along = in[4].layout().merge();
    Operand dy = along.shape().rank() > 1 ? gpu.contiguous(in[4]) : in[4];
    long stride = along.shape().rank() == 1 ? along.stride(0) : 1;
    return begin(gpu, "nll_grad", way, in, x, labels)
        .pointers(max, log, dy)
        .int64(dy.equals(in[4]) ? stride : 1)
        .pointer(out[0])
        .guard(op);
  }
}
