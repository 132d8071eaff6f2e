package org.adjoint.samples;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.adjoint.Tensor;
import org.adjoint.bench.Epoch;
import org.adjoint.nn.Conv;
import org.adjoint.nn.Sequential;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.common.Grid;
import org.adjoint.samples.common.Pictures;
import org.adjoint.samples.common.Series;
import org.adjoint.samples.data.Digits;

/** What LeNet learned, to look at: its loss, its first filters, and the digits it misread. */
final class LeNetPictures {
  private static final int MOST_MISREAD = 40;

  private LeNetPictures() {}

  static void draw(
      RunOptions run, Sequential model, Digits digits, List<Epoch> history, long[] answers) {
    Pictures pictures =
        Pictures.in(run.out(), new PrintWriter(System.out, true, System.out.charset()));
    if (!history.isEmpty()) {
      pictures.lines(
          "loss.png",
          "LeNet on " + digits.name(),
          "epoch",
          "mean cross-entropy",
          List.of(
              Series.counted(
                  "training loss", history.stream().mapToDouble(Epoch::trainLoss).toArray())));
    }
    if (model.get(0) instanceof Conv first) {
      pictures.grid(
          "filters.png",
          "The 32 filters of the first layer",
          Grid.of(images(first.weight())).withColumns(8).withZoom(12));
    }
    misread(pictures, digits, Misread.among(answers, digits));
  }

  private static void misread(Pictures pictures, Digits digits, List<Misread> misread) {
    if (misread.isEmpty()) {
      return;
    }
    List<Misread> shown = misread.subList(0, Math.min(MOST_MISREAD, misread.size()));
    List<float[][]> images = new ArrayList<>();
    for (Misread digit : shown) {
      images.addAll(images(digits.testImages().slice(0, digit.image(), digit.image() + 1)));
    }
    List<String> captions = shown.stream().map(m -> m.label() + " as " + m.answer()).toList();
    pictures.grid(
        "misread.png",
        misread.size() + " of " + digits.testLabels().size(0) + " digits misread; the first ones",
        Grid.of(images).withCaptions(captions).withColumns(8).withZoom(3));
  }

  /** The planes of [N, 1, H, W] as arrays of rows. */
  static List<float[][]> images(Tensor planes) {
    int height = (int) planes.size(2);
    int width = (int) planes.size(3);
    float[] values = planes.toFloats();
    List<float[][]> images = new ArrayList<>();
    for (int n = 0; n < planes.size(0); n++) {
      float[][] rows = new float[height][width];
      for (int y = 0; y < height; y++) {
        System.arraycopy(values, (n * height + y) * width, rows[y], 0, width);
      }
      images.add(rows);
    }
    return images;
  }
}
