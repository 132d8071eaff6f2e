package org.adjoint.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Conv;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.common.Grid;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Convolution as a window that slides: y[i] = Σₖ w[k]·x[i + k]. Backward the same window slides
 * over the gradients: each dy[i] leaves dy[i]·w where the window lay on x, and dy[i] times what it
 * saw there in the gradient of w.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). (As there,
 * "convolution" is cross-correlation: the window is not turned round.) Expect the lecture's
 * numbers, 9 0 1 3 −5 −3 6, exactly, and a page that plays both directions step by step; images
 * with several channels by the same rule, as four loops give them; and a detector. Its filter is
 * the pattern it looks for, less its mean; so it answers most strongly where the pattern is, in
 * spite of the noise, and hardly at all to a bright patch of nine times the pattern's size.
 */
@Command(name = "sliding-window", description = "a window slides, forward and back; a detector")
public final class SlidingWindow implements Callable<Integer> {
  private static final double[] X = {1, 4, -1, 0, 2, -2, 1, 3, 3, 1};
  private static final double[] W = {1, 2, 0, -1};

  /** The gradients that come back to y: any will do to see where they go. */
  private static final double[] DY = {1, 0, -1, 2, 0, 1, -1};

  /** A window with four panes. */
  private static final double[] PATTERN = {
    1, 1, 1, 1, 1,
    1, 0, 1, 0, 1,
    1, 1, 1, 1, 1,
    1, 0, 1, 0, 1,
    1, 1, 1, 1, 1
  };

  private static final int CELLS = 5;
  private static final int SIDE = 48;
  private static final int ROW = 31;
  private static final int COLUMN = 9;
  private static final double NOISE = 0.3;

  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    slide();
    boolean exact = channels();
    int[] found = detect();
    Lesson.end(
        run,
        "sliding-window",
        W.length,
        Lesson.figure("channels exact", exact ? 1 : 0),
        Lesson.figure("row of the strongest answer", found[0]),
        Lesson.figure("column of the strongest answer", found[1]));
    return 0;
  }

  private void slide() {
    // [batch, channels, length], and [filters, channels, length]: one of each.
    Tensor x = Tensor.of(Shape.of(1, 1, X.length), X).requireGrad();
    Tensor w = Tensor.of(Shape.of(1, 1, W.length), W).requireGrad();
    Tensor y = Conv.of(x, w);
    Tensor[] grads = Grad.of(y.mul(Tensor.of(y.shape(), DY)).sum(), x, w);
    print("x ", x);
    print("w ", w);
    print("y ", y);
    System.out.println("dy " + Frames.text(DY));
    print("dx", grads[0]);
    print("dw", grads[1]);
    try {
      Path page = Frames.write(run.out(), X, W, DY);
      System.out.println("animation: " + page);
    } catch (IOException e) {
      throw new UserError("cannot write to " + run.out() + ": " + e, e);
    }
  }

  private static void print(String name, Tensor values) {
    System.out.println(name + " " + Frames.text(values.toDoubles()));
  }

  /** Two channels in, three filters: small whole numbers, so that F32 is exact. */
  private boolean channels() {
    Philox random = new Philox(run.seed());
    Tensor x = whole(random, 1, 2, 5, 6);
    Tensor w = whole(random, 3, 2, 3, 2);
    double[] byLoops = new double[3 * 3 * 5];
    double[] image = x.toDoubles();
    double[] filters = w.toDoubles();
    for (int f = 0; f < 3; f++) {
      for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 5; column++) {
          for (int k = 0; k < 2 * 3 * 2; k++) { // channel, row and column of the window
            int place = (k / 6 * 5 + row + k / 2 % 3) * 6 + column + k % 2;
            byLoops[(f * 3 + row) * 5 + column] += filters[f * 12 + k] * image[place];
          }
        }
      }
    }
    Tensor y = Conv.of(x, w);
    boolean exact = Arrays.equals(byLoops, y.toDoubles());
    System.out.println("image " + x.shape() + ", filters " + w.shape() + " give " + y.shape());
    System.out.println("  F32 equals the loops exactly: " + exact);
    return exact;
  }

  private static Tensor whole(Philox random, long... sizes) {
    Shape shape = Shape.of(sizes);
    float[] values = new float[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(9) - 4;
    }
    return Tensor.of(shape, values);
  }

  /** Hides the pattern in noise, beside a bright patch, and looks for it: its row and column. */
  private int[] detect() {
    double[] scene = Tensor.normal(new Philox(run.seed(), 1), SIDE, SIDE).to(DType.F64).toDoubles();
    for (int i = 0; i < scene.length; i++) {
      int row = i / SIDE;
      int column = i % SIDE;
      boolean patch = row >= 6 && row < 21 && column >= 26 && column < 41;
      scene[i] = NOISE * scene[i] + (patch ? 1 : 0);
    }
    for (int i = 0; i < PATTERN.length; i++) {
      scene[(ROW + i / CELLS) * SIDE + COLUMN + i % CELLS] += PATTERN[i];
    }
    Tensor pattern = Tensor.of(Shape.of(1, 1, CELLS, CELLS), PATTERN);
    Tensor filter = pattern.sub(pattern.mean());
    Tensor answers = Conv.of(Tensor.of(Shape.of(1, 1, SIDE, SIDE), scene), filter);
    long strongest = answers.flatten(0).argmax(0).toLongs()[0];
    int width = (int) answers.size(3);
    int row = (int) strongest / width;
    int column = (int) strongest % width;
    System.out.println("pattern hidden at row " + ROW + ", column " + COLUMN);
    System.out.println("  strongest answer at row " + row + ", column " + column);
    double[] answer = answers.toDoubles();
    Lesson.pictures(run)
        .grid(
            "detector.png",
            "A pattern in noise, and what its detector answers",
            Grid.of(List.of(image(scene, SIDE, width), image(answer, width, width)))
                .withCaptions(List.of("scene", "answers"))
                .withColumns(2)
                .withZoom(8));
    return new int[] {row, column};
  }

  /** The upper left square of {@code side} pixels: the places where a window can begin. */
  private static float[][] image(double[] pixels, int width, int side) {
    float[][] image = new float[side][side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        image[row][column] = (float) pixels[row * width + column];
      }
    }
    return image;
  }
}
