package org.adjoint.io.onnx;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Gather;

/** Windows as signals are seen through, and columns of windows put back into an image. */
final class WindowOps {
  private WindowOps() {}

  static void register(Operators table) {
    // a₀ − a₁ cos(2πn / N) + a₂ cos(4πn / N)
    window(table, "HannWindow", 0.5, 0.5, 0);
    window(table, "HammingWindow", 25 / 46.0, 21 / 46.0, 0);
    window(table, "BlackmanWindow", 0.42, 0.5, 0.08);
    String columns = "dilations pads strides";
    table.one("Col2Im", 18, 3, columns, WindowOps::image);
  }

  private static void window(Operators table, String op, double... a) {
    table.one(op, 17, 1, "output_datatype periodic", c -> window(c, a));
  }

  private static Tensor window(Call c, double... a) {
    int n = Math.toIntExact(c.whole(0));
    c.needs(n >= 0, "a window of " + n);
    c.supports(n <= 1 << 24, "a window of " + n);
    // One period of N numbers; one more repeats the first.
    double period = c.flag("periodic", true) ? n : n - 1;
    double[] all = new double[n];
    for (int i = 0; i < n; i++) {
      double turn = 2 * Math.PI * i / period;
      all[i] = a[0] - a[1] * Math.cos(turn) + a[2] * Math.cos(2 * turn);
    }
    DType dtype = ConstantOps.dtype(c, c.integer("output_datatype", 1));
    c.supports(dtype.isFloating(), "a window of " + dtype);
    return Tensor.of(all).to(dtype);
  }

  /** Each column is a window's cells; what windows share is added up. */
  private static Tensor image(Call c) {
    Tensor x = c.floating(0);
    long[] sizes = c.longs(1);
    long[] block = c.longs(2);
    int n = sizes.length;
    c.needs(x.rank() == 3 && block.length == n && n > 0, x.shape() + " for an image of " + n);
    c.needs(Arrays.stream(block).allMatch(b -> b > 0), "a window without cells");
    int[] dilations = Sliders.each(c, "dilations", n, 1);
    int[] strides = Sliders.each(c, "strides", n, 1);
    int[] pads = Sliders.each(c, "pads", 2 * n, 0);
    Shape padded = Shape.of(sizes);
    Shape windows = padded;
    for (int i = 0; i < n; i++) {
      long size = sizes[i] + pads[i] + pads[i + n];
      c.needs(dilations[i] > 0 && strides[i] > 0 && pads[i] >= 0 && pads[i + n] >= 0, "pads");
      long free = size - (block[i] - 1) * dilations[i] - 1;
      c.needs(free >= 0, "a window larger than the image");
      padded = padded.with(i, size);
      windows = windows.with(i, free / strides[i] + 1);
    }
    long cells = Shape.of(block).count();
    c.needs(
        x.size(1) % cells == 0 && x.size(2) == windows.count(),
        x.shape() + " is not " + windows.count() + " windows of " + cells + " cells");
    long channels = x.size(1) / cells;
    Tensor index = places(Shape.of(block), windows, padded, strides, dilations);
    Tensor flat = x.reshape(x.size(0), channels, x.size(1) / channels * x.size(2));
    Tensor y = new Gather.ScatterAdd(2, padded.count()).apply(flat, index.expand(flat.shape()));
    y = y.reshape(Shape.of(x.size(0), channels).concat(padded).toArray());
    for (int i = 0; i < n; i++) {
      y = y.slice(i + 2, pads[i], pads[i] + sizes[i]);
    }
    return y;
  }

  /** Where cell b of window w lies in the image, for each b and w. */
  private static Tensor places(
      Shape block, Shape windows, Shape image, int[] strides, int... dilations) {
    long[] all = new long[Math.toIntExact(block.count() * windows.count())];
    for (int i = 0; i < all.length; i++) {
      long b = i / windows.count();
      long w = i % windows.count();
      for (int k = 0; k < image.rank(); k++) {
        long cell = b / block.strides()[k] % block.size(k);
        long window = w / windows.strides()[k] % windows.size(k);
        all[i] += (window * strides[k] + cell * dilations[k]) * image.strides()[k];
      }
    }
    return Tensor.of(all);
  }
}
