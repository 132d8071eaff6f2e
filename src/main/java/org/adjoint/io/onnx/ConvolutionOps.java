package org.adjoint.io.onnx;

import java.util.Arrays;
import org.adjoint.Tensor;
import org.adjoint.op.Conv;
import org.adjoint.op.ConvTranspose;
import org.adjoint.op.Pad;
import org.adjoint.op.Sliding;

/** Convolutions, both ways. */
final class ConvolutionOps {
  private static final String ATTRIBUTES = "auto_pad dilations group kernel_shape pads strides";

  private ConvolutionOps() {}

  static void register(Operators table) {
    table.one("Conv", 0, 3, ATTRIBUTES, ConvolutionOps::conv);
    table.one(
        "ConvTranspose", 0, 3, ATTRIBUTES + " output_padding output_shape", ConvolutionOps::across);
  }

  /** The spatial sizes of the filters, which kernel_shape may repeat. */
  private static int[] kernel(Call c) {
    Tensor w = c.in(1);
    c.needs(w.rank() >= 3, "filters of " + w.shape());
    int[] sizes = Arrays.stream(w.shape().toArray()).skip(2).mapToInt(Math::toIntExact).toArray();
    c.needs(
        !c.says("kernel_shape") || Arrays.equals(sizes, Sliders.kernel(c)),
        "kernel_shape does not fit filters of " + w.shape());
    return sizes;
  }

  private static Tensor conv(Call c) {
    Tensor x = c.floating(0);
    Sliders s = Sliders.of(c, x.shape(), kernel(c));
    int groups = Math.toIntExact(c.integer("group", 1));
    Conv op = new Conv(s.isEven() ? s.padded() : s.bare(), groups);
    Tensor in = s.isEven() ? x : s.pad(x, 0);
    return c.has(2) ? op.apply(in, c.in(1), c.in(2)) : op.apply(in, c.in(1));
  }

  private static Tensor withBias(Call c, Tensor y) {
    if (!c.has(2)) {
      return y;
    }
    Tensor bias = c.in(2);
    for (int i = 2; i < y.rank(); i++) {
      bias = bias.unsqueeze(-1);
    }
    return y.add(bias);
  }

  /**
   * All that the filters reach is computed; what is padded away is then cut off, and cells that
   * output_padding adds beyond their reach are 0.
   */
  private static Tensor across(Call c) {
    Tensor x = c.floating(0);
    int[] kernel = kernel(c);
    int n = kernel.length;
    c.needs(x.rank() == n + 2, "filters of " + c.in(1).shape() + " for " + x.shape());
    int[] strides = Sliders.each(c, "strides", n, 1);
    int[] dilations = Sliders.each(c, "dilations", n, 1);
    Sliding sliding = Sliding.over(n).withStride(strides).withDilation(dilations);
    int[] extra = Sliders.each(c, "output_padding", n, 0);
    int groups = Math.toIntExact(c.integer("group", 1));
    Tensor y = ConvTranspose.of(x, c.in(1), sliding, sliding.padding(), groups);
    int[] pads = pads(c, y, x, strides, extra);
    for (int i = 0; i < n; i++) {
      int axis = i + 2;
      long end = y.size(axis) - pads[i + n] + extra[i];
      int beyond = Math.toIntExact(Math.max(0, end - y.size(axis)));
      if (beyond > 0) {
        int[] amounts = new int[2 * (n - i)];
        amounts[amounts.length - 1] = beyond;
        y = Pad.constant(y, 0, amounts);
      }
      y = y.slice(axis, pads[i], end);
    }
    return withBias(c, y);
  }

  /** What is cut off before and after, along each axis. */
  private static int[] pads(Call c, Tensor full, Tensor x, int[] strides, int... extra) {
    int n = strides.length;
    String auto = c.text("auto_pad", "NOTSET");
    boolean upper = auto.equals("SAME_UPPER");
    boolean same = upper || auto.equals("SAME_LOWER");
    c.supports(
        same || auto.isEmpty() || auto.equals("NOTSET") || auto.equals("VALID"),
        "auto_pad = '" + auto + "'");
    if (!same && !c.says("output_shape")) {
      int[] pads = Sliders.each(c, "pads", 2 * n, 0);
      c.supports(Arrays.stream(pads).allMatch(p -> p >= 0), "negative pads");
      return auto.equals("VALID") ? new int[2 * n] : pads;
    }
    int[] wanted = Sliders.each(c, "output_shape", n, 0);
    int[] pads = new int[2 * n];
    for (int i = 0; i < n; i++) {
      long size = c.says("output_shape") ? wanted[i] : x.size(i + 2) * strides[i];
      int total = Math.toIntExact(full.size(i + 2) + extra[i] - size);
      c.supports(same || total < 0 || total % 2 == 0, "an odd padding of which no side is named");
      // What lies beyond the filters' reach comes last.
      pads[i] = total < 0 ? 0 : upper ? total / 2 : total - total / 2;
      pads[i + n] = total - pads[i];
    }
    return pads;
  }
}
