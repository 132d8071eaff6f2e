package org.adjoint.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A page that plays a sliding window, forward and back; one file that needs no other. */
final class Frames {
  private static final int CELL = 52;
  private static final int LEFT = 70;
  private static final int STEP = 66;

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head><meta charset="utf-8"><title>A sliding window</title>
      <style>
        body { font-family: sans-serif; color: #333; max-width: 44em; margin: 1em auto; }
        figure { margin: 1em 0; }
        figcaption { font-size: 1.1em; }
      </style></head>
      <body>
      <h1>A sliding window, forward and back</h1>
      <p><button id="back">&#9664;</button> <button id="play">play</button>
      <button id="next">&#9654;</button></p>
      """;

  private static final String SCRIPT =
      """
      <script>
        const frames = [...document.querySelectorAll('figure')];
        let at = 0, timer = 0;
        const show = i => {
          at = (i + frames.length) % frames.length;
          frames.forEach((frame, k) => frame.hidden = k !== at);
        };
        const play = document.getElementById('play');
        const step = by => {
          clearInterval(timer);
          timer = 0;
          play.textContent = 'play';
          show(at + by);
        };
        document.getElementById('back').onclick = () => step(-1);
        document.getElementById('next').onclick = () => step(1);
        play.onclick = () => {
          if (timer) {
            step(0);
          } else {
            timer = setInterval(() => show(at + 1), 1200);
            play.textContent = 'pause';
          }
        };
        show((parseInt(location.hash.slice(1)) || 1) - 1); // page.html#5 begins with frame 5
      </script>
      </body>
      </html>
      """;

  private final StringBuilder text = new StringBuilder();
  private final double[] x;
  private final double[] w;
  private final double[] dy;

  private Frames(double[] x, double[] w, double[] dy) {
    this.x = x;
    this.w = w;
    this.dy = dy;
  }

  /** Writes {@code sliding-window.html} into {@code folder}, and returns its place. */
  static Path write(Path folder, double[] x, double[] w, double[] dy) throws IOException {
    Frames frames = new Frames(x, w, dy);
    frames.forward();
    frames.backward();
    Files.createDirectories(folder);
    Path page = folder.resolve("sliding-window.html");
    return Files.writeString(page, HEAD + frames.text + SCRIPT, UTF_8);
  }

  /** Whole numbers, with spaces between. */
  static String text(double... values) {
    return Arrays.stream(values).mapToObj(Frames::number).collect(Collectors.joining(" "));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private void forward() {
    double[] y = new double[dy.length];
    for (int i = 0; i < y.length; i++) {
      StringBuilder sum = new StringBuilder();
      for (int k = 0; k < w.length; k++) {
        y[i] += w[k] * x[i + k];
        sum.append(k == 0 ? "" : " + ").append(product(w[k], x[i + k]));
      }
      begin("forward: y[" + i + "] = " + sum + " = " + number(y[i]), 3);
      row(0, "x", 0, x, x.length, i, i + w.length);
      row(1, "w", i, w, w.length, 0, w.length);
      row(2, "y", 0, y, i + 1, i, i + 1);
      end();
    }
  }

  private void backward() {
    double[] dx = new double[x.length];
    double[] dw = new double[w.length];
    for (int i = 0; i < dy.length; i++) {
      double[] left = new double[w.length];
      for (int k = 0; k < w.length; k++) {
        left[k] = dy[i] * w[k];
        dx[i + k] += left[k];
        dw[k] += dy[i] * x[i + k];
      }
      int end = i + w.length;
      begin(
          "backward: dy[" + i + "]·w to dx, and dy[" + i + "]·x[" + i + "…" + (end - 1) + "] to dw",
          5);
      row(0, "dy", 0, dy, dy.length, i, i + 1);
      row(1, "dy·w", i, left, w.length, 0, w.length);
      row(2, "dx", 0, dx, dx.length, i, end);
      row(3, "x", 0, x, x.length, i, end);
      row(4, "dw", 0, dw, w.length, 0, w.length);
      end();
    }
  }

  private static String product(double a, double b) {
    return factor(a) + "·" + factor(b);
  }

  private static String factor(double value) {
    return value < 0 ? "(" + number(value) + ")" : number(value);
  }

  private void begin(String caption, int rows) {
    text.append("<figure><figcaption>").append(caption).append("</figcaption>\n");
    write(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-size=\"20\">\n",
        LEFT + x.length * CELL + 4, rows * STEP + 8);
  }

  /** A row of cells from cell {@code offset} on; the first {@code known} show their numbers. */
  private void row(
      int row, String name, int offset, double[] values, int known, int lightFrom, int lightTo) {
    int top = row * STEP + 8;
    write("<text x=\"4\" y=\"%d\">%s</text>\n", top + 32, name);
    for (int i = 0; i < values.length; i++) {
      boolean light = i >= lightFrom && i < lightTo;
      int at = LEFT + (offset + i) * CELL;
      write(
          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"#888\"/>",
          at, top, CELL - 6, CELL - 6, light ? "#ffd79a" : "#f4f4f4");
      write(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
          at + (CELL - 6) / 2, top + 31, i < known ? number(values[i]) : "");
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // that would take one more library
  private void write(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments));
  }

  private void end() {
    text.append("</svg></figure>\n");
  }
}
