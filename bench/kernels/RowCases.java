package org.adjoint.bench.kernels;

import static org.adjoint.bench.kernels.Family.call;
import static org.adjoint.op.Draw.apart;
import static org.adjoint.op.Draw.index;
import static org.adjoint.op.Draw.mask;
import static org.adjoint.op.Draw.normal;
import static org.adjoint.op.Draw.positive;
import static org.adjoint.op.Draw.unit;

import java.util.List;
import org.adjoint.Shape;
import org.adjoint.op.ArgMax;
import org.adjoint.op.ChannelNorm;
import org.adjoint.op.Cumsum;
import org.adjoint.op.Draw;
import org.adjoint.op.FrozenNorm;
import org.adjoint.op.LogSoftmax;
import org.adjoint.op.LogSumExp;
import org.adjoint.op.MaskedSoftmax;
import org.adjoint.op.Max;
import org.adjoint.op.Min;
import org.adjoint.op.RowNorm;
import org.adjoint.op.RowRms;
import org.adjoint.op.Softmax;
import org.adjoint.op.SoftmaxNll;
import org.adjoint.op.Sort;
import org.adjoint.op.Sum;

/** Operations along rows and columns: GPT-2 has 8 × 1,024 tokens of 768, and 50,257 words. */
final class RowCases {
  private static final String ROWS = "*rows =columns";
  private static final String PLANES = "*images channels =cells";

  /** Rows that share weights: there are 32 blocks at least that go from row to row, for 24 each. */
  private static final String SHARING = "*rows>=768 =columns";

  /** The same of gradients, which leave partial sums behind as well, for 40 each. */
  private static final String SUMMING = "*rows>=1280 =columns";

  /** A channel's sums and moments are spread over all images. */
  private static final String IMAGES = "images *channels height =width";

  private RowCases() {}

  static Family softmax() {
    String[] shapes = {
      "8192x1024", "8192x1024:BF16", "1024x50257", "65536x64", "4095x1023", "2048x5000"
    };
    String columns = "8x64x4096";
    return new Family("softmax")
        .add("softmax", ROWS, n -> call(new Softmax(1), normal(n)), shapes)
        .add("softmax", PLANES, n -> call(new Softmax(1), normal(n)), columns)
        .add("softmax.grad", ROWS, n -> call(new Softmax.Grad(1), normal(n), normal(n)), shapes)
        .add("softmax.grad", PLANES, n -> call(new Softmax.Grad(1), normal(n), normal(n)), columns)
        .add(
            "masked_softmax",
            ROWS,
            n -> call(new MaskedSoftmax(1), normal(n), mask(n)),
            "8192x1024",
            "65536x64",
            "2048x5000")
        .add("masked_softmax", PLANES, n -> call(new MaskedSoftmax(1), normal(n), mask(n)), columns)
        .add("log_softmax", ROWS, n -> call(new LogSoftmax(1), normal(n)), shapes)
        .add("log_softmax", PLANES, n -> call(new LogSoftmax(1), normal(n)), columns)
        .add(
            "log_softmax.grad",
            ROWS,
            n -> call(new LogSoftmax.Grad(1), normal(n), normal(n)),
            shapes)
        .add(
            "log_softmax.grad",
            PLANES,
            n -> call(new LogSoftmax.Grad(1), normal(n), normal(n)),
            columns)
        .add("logsumexp", ROWS, n -> call(new LogSumExp(1), normal(n)), shapes)
        .add("logsumexp", PLANES, n -> call(new LogSumExp(1), normal(n)), columns);
  }

  static Family crossEntropy() {
    SoftmaxNll plain = new SoftmaxNll(SoftmaxNll.NONE, 0);
    String[] shapes = {"1024x50257", "1024x50257:BF16", "4096x1000", "512x10", "4095x1023"};
    return new Family("cross-entropy")
        .add("softmax_nll", ROWS, n -> call(plain, normal(n), index(n[1], n[0])), shapes)
        .add(
            "softmax_nll",
            PLANES,
            n -> call(plain, normal(n), index(n[1], n[0], n[2])),
            "8x21x4096")
        .add(
            "softmax_nll.input_grad",
            ROWS,
            n -> call(new SoftmaxNll.InputGrad(plain), gradient(n[1], n[0])),
            shapes)
        .add(
            "softmax_nll.input_grad",
            PLANES,
            n -> call(new SoftmaxNll.InputGrad(plain), gradient(n[1], n[0], n[2])),
            "8x21x4096");
  }

  /** Of logits with their classes along axis 1. */
  private static Draw[] gradient(long classes, long... rows) {
    long[] sizes = Shape.of(rows).insert(1, classes).toArray();
    return new Draw[] {
      unit(sizes), index(classes, rows), normal(rows), positive(rows), normal(rows)
    };
  }

  static Family norm() {
    String[] rows = {"8192x768", "8192x768:BF16", "8192x1024", "2048x5120", "4095x1023"};
    String[] images = {"32x64x56x56", "32x512x7x7", "32x256x14x14:BF16"};
    Family family =
        new Family("norm")
            .add(
                "row_norm",
                SHARING,
                n -> call(new RowNorm(1e-5), normal(n), normal(n[1]), normal(n[1])),
                rows)
            .add(
                "row_norm.grad",
                SUMMING,
                n -> call(new RowNorm.Grad(1e-5), normal(n), normal(n[1]), normal(n)),
                rows)
            .add("row_rms", SHARING, n -> call(new RowRms(1e-5), normal(n), normal(n[1])), rows)
            .add(
                "row_rms.grad",
                SUMMING,
                n -> call(new RowRms.Grad(1e-5), normal(n), normal(n[1]), normal(n)),
                rows);
    for (String axes : List.of(IMAGES, SHARING)) {
      String[] shapes = axes.equals(SHARING) ? new String[] {"4096x1023"} : images;
      family
          .add(
              "channel_norm",
              axes,
              n -> call(new ChannelNorm(1e-5), normal(n), normal(n[1]), normal(n[1])),
              shapes)
          .add(
              "channel_norm.grad",
              axes,
              n ->
                  call(
                      new ChannelNorm.Grad(1e-5),
                      normal(n),
                      normal(n[1]),
                      normal(n),
                      normal(n[1]),
                      positive(n[1]),
                      normal(n[1]),
                      normal(n[1])),
              shapes)
          .add(
              "frozen_norm",
              axes,
              n ->
                  call(
                      new FrozenNorm(1e-5),
                      normal(n),
                      normal(n[1]),
                      normal(n[1]),
                      normal(n[1]),
                      positive(n[1])),
              shapes);
    }
    return family;
  }

  static Family reductions() {
    String[] shapes = {"8192x1024", "8192x768:BF16", "4095x1023"};
    Family family =
        new Family("reductions")
            .add("sum", ROWS, n -> call(new Sum(List.of(0, 1)), normal(n)), "8192x1024");
    for (int axis = 0; axis < 2; axis++) {
      int a = axis;
      family
          .add("sum", ROWS, n -> call(new Sum(List.of(a)), normal(n)), shapes)
          .add("max", ROWS, n -> call(new Max(a), apart(n)), shapes[0], shapes[2])
          .add("min", ROWS, n -> call(new Min(a), apart(n)), shapes[0])
          .add("argmax", ROWS, n -> call(new ArgMax(a), apart(n)), shapes[0], shapes[2]);
    }
    return family;
  }

  static Family sortAndScan() {
    return new Family("sort")
        .add(
            "sort",
            ROWS,
            n -> call(new Sort(1, false), apart(n)),
            "8192x32",
            "1024x1000",
            "64x50257",
            "33x1023")
        .add("cumsum", ROWS, n -> call(new Cumsum(1), normal(n)), "8192x1024", "4095x1023")
        .add("cumsum", ROWS, n -> call(new Cumsum(0), normal(n)), "8192x1024");
  }
}
