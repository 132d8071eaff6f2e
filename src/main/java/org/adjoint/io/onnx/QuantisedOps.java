package org.adjoint.io.onnx;

import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.op.Conv;
import org.adjoint.op.Round;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as small integers: x ≈ (q − zero) · scale. Products of them are summed up exactly, in
 * doubles. Nothing here has a gradient worth the name: what is rounded does not move.
 */
final class QuantisedOps {
  private QuantisedOps() {}

  static void register(Operators table) {
    table.one("QuantizeLinear", 10, 3, "", QuantisedOps::quantise);
    table.one("QuantizeLinear", 13, 3, "axis", QuantisedOps::quantise);
    table.one("QuantizeLinear", 19, 3, "axis saturate", QuantisedOps::quantise);
    String late = "axis block_size output_dtype";
    table.one("QuantizeLinear", 21, 3, late + " saturate", QuantisedOps::quantise);
    table.one("QuantizeLinear", 23, 3, late + " saturate precision", QuantisedOps::quantise);
    table.one("DequantizeLinear", 10, 3, "", QuantisedOps::dequantise);
    table.one("DequantizeLinear", 13, 3, "axis", QuantisedOps::dequantise);
    table.one("DequantizeLinear", 21, 3, "axis block_size", QuantisedOps::dequantise);
    table.one("DequantizeLinear", 23, 3, late, QuantisedOps::dequantise);
    table.many("DynamicQuantizeLinear", 11, 1, "", QuantisedOps::dynamic);
    table.one("MatMulInteger", 10, 4, "", c -> product(c, 0, 1, 2, 3).to(DType.I32));
    table.one("QLinearMatMul", 10, 8, "", QuantisedOps::matMul);
    String window = "auto_pad dilations group kernel_shape pads strides";
    table.one("ConvInteger", 10, 4, window, c -> filtered(c, 0, 1, 2, 3).to(DType.I32));
    table.one("QLinearConv", 10, 9, window, QuantisedOps::conv);
  }

  /** Input {@code i}, a number or one for each cell of {@code axis}, to stand against x. */
  private static Tensor along(Call c, int i, Tensor x, int axis) {
    Tensor t = c.in(i).to(DType.F64);
    if (t.shape().count() == 1) {
      return t.reshape();
    }
    c.supports(t.rank() == 1, "scales or zeros of " + t.shape());
    c.needs(t.size(0) == x.size(axis), t.shape() + " for axis " + axis + " of " + x.shape());
    for (int k = axis + 1; k < x.rank(); k++) {
      t = t.unsqueeze(-1);
    }
    return t;
  }

  private static int axis(Call c, Tensor x) {
    c.supports(c.integer("block_size", 0) == 0, "blocks");
    return c.in(1).shape().count() == 1 ? 0 : c.axis(c.integer("axis", 1), x.rank());
  }

  private static Tensor quantise(Call c) {
    Tensor x = c.in(0);
    int axis = axis(c, x);
    c.supports(c.integer("precision", 0) == 0, "a precision of its own");
    long told = c.integer("output_dtype", 2);
    ElementType type = c.has(2) ? c.type(2) : ElementType.of(told == 0 ? 2 : told);
    if (type == null) {
      throw c.unsupported("type " + told);
    }
    // The quotient is rounded to the scale's type before it is rounded to an integer.
    Tensor scale = along(c, 1, x, axis).to(c.in(1).dtype());
    Tensor ratio = x.to(scale.dtype()).div(scale).to(DType.F64);
    return rounded(ratio, c.has(2) ? along(c, 2, x, axis) : null, type);
  }

  /** round(x) + zero, at most what the type holds. */
  private static Tensor rounded(Tensor x, @Nullable Tensor zero, ElementType type) {
    Tensor whole = new Round().apply(x);
    Tensor y = zero == null ? whole : whole.add(zero);
    return y.clamp((double) NarrowTypes.low(type), (double) NarrowTypes.high(type))
        .to(type.encoding().dtype());
  }

  private static Tensor dequantise(Call c) {
    Tensor x = c.in(0).to(DType.F64);
    int axis = axis(c, x);
    Tensor y = c.has(2) ? x.sub(along(c, 2, x, axis)) : x;
    long told = c.integer("output_dtype", 0);
    DType dtype = told == 0 ? c.in(1).dtype() : ConstantOps.dtype(c, told);
    return y.mul(along(c, 1, x, axis)).to(dtype);
  }

  /** Scale and zero from the least and the largest number, 0 being among them. */
  private static Tensor[] dynamic(Call c) {
    Tensor x = c.floating(0);
    c.supports(x.shape().count() > 0, "no elements");
    float high = (float) Math.max(0, x.max().item());
    float low = (float) Math.min(0, x.min().item());
    float scale = (high - low) / 255;
    c.supports(scale > 0, "zeros alone, which have no scale");
    float zero = (float) Math.clamp(Math.rint(-low / scale), 0.0, 255.0);
    Tensor step = Tensor.of(Shape.SCALAR, scale);
    Tensor ratio = x.div(step).to(DType.F64);
    Tensor middle = Tensor.of(Shape.SCALAR, zero);
    Tensor y = rounded(ratio, middle.to(DType.F64), ElementType.UINT8);
    return new Tensor[] {y, step, middle.to(DType.U8)};
  }

  private static Tensor centred(Call c, int i, int zero, int axis) {
    Tensor x = c.in(i).to(DType.F64);
    return c.has(zero) ? x.sub(along(c, zero, x, axis)) : x;
  }

  /** The product of inputs {@code a} and {@code b} without their zeros. */
  private static Tensor product(Call c, int a, int b, int zeroOfA, int zeroOfB) {
    int rows = Math.max(0, c.in(a).rank() - 2);
    int columns = Math.max(0, c.in(b).rank() - 1);
    return centred(c, a, zeroOfA, rows).matmul(centred(c, b, zeroOfB, columns));
  }

  private static Tensor matMul(Call c) {
    c.supports(
        c.in(1).shape().count() == 1 && c.in(4).shape().count() == 1, "a scale for each row");
    return rounded(product(c, 0, 3, 2, 5).mul(factor(c, 1, 4, 6)), c.in(7), c);
  }

  private static double factor(Call c, int a, int b, int y) {
    return c.number(a) * c.number(b) / c.number(y);
  }

  private static Tensor rounded(Tensor x, Tensor zero, Call c) {
    c.supports(zero.shape().count() == 1, "a zero for each row");
    return rounded(x, zero.to(DType.F64).reshape(), c.type(7));
  }

  private static Tensor filtered(Call c, int x, int w, int zeroOfX, int zeroOfW) {
    Tensor filters = centred(c, w, zeroOfW, 0);
    Shape sizes = filters.shape();
    int[] kernel = new int[Math.max(0, sizes.rank() - 2)];
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] = Math.toIntExact(sizes.size(i + 2));
    }
    Tensor image = centred(c, x, zeroOfX, 1);
    Sliders s = Sliders.of(c, image.shape(), kernel);
    int groups = Math.toIntExact(c.integer("group", 1));
    return Conv.of(s.pad(image, 0), filters, s.bare(), groups);
  }

  private static Tensor conv(Call c) {
    Tensor y = filtered(c, 0, 3, 2, 5);
    if (c.has(8)) {
      y = y.add(along(c, 8, y, 1));
    }
    Tensor scale = along(c, 4, y, 1).mul(c.number(1) / c.number(6));
    return rounded(y.mul(scale), c.in(7), c);
  }
}
