package org.adjoint.io.onnx;

import java.util.Arrays;
import java.util.function.LongBinaryOperator;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.ElementType;

/** Other types, and the bits of integers. */
final class IntegerOps {
  private IntegerOps() {}

  static void register(Operators table) {
    table.one("Cast", 0, 1, "to", IntegerOps::cast);
    table.one("Cast", 19, 1, "to saturate", IntegerOps::cast);
    table.one("Cast", 24, 1, "to saturate round_mode", IntegerOps::cast);
    table.one("CastLike", 15, 2, "", c -> cast(c, c.type(1)));
    table.one("CastLike", 19, 2, "saturate", c -> cast(c, c.type(1)));
    table.one("CastLike", 24, 2, "saturate round_mode", c -> cast(c, c.type(1)));
    table.one("BitwiseAnd", 18, 2, "", c -> bits(c, (a, b) -> a & b));
    table.one("BitwiseOr", 18, 2, "", c -> bits(c, (a, b) -> a | b));
    table.one("BitwiseXor", 18, 2, "", c -> bits(c, (a, b) -> a ^ b));
    table.one("BitwiseNot", 18, 1, "", c -> not(c, integers(c, 0)));
    table.one("BitShift", 11, 2, "direction", IntegerOps::shift);
  }

  private static Tensor cast(Call c) {
    c.needs(c.says("to"), "the type to cast to is missing");
    ElementType type = ElementType.of(c.integer("to", 0));
    if (type == null) {
      throw c.unsupported("type " + c.integer("to", 0));
    }
    return cast(c, type);
  }

  /** Integers lose the bits that the type lacks; what lies beyond it of reals is not told. */
  private static Tensor cast(Call c, ElementType type) {
    Tensor x = c.in(0);
    DType to = type.encoding().dtype();
    boolean whole = to.isIndex() || to == DType.U8;
    if (whole && (x.dtype().isIndex() || x.dtype() == DType.U8)) {
      return type == c.type(0) ? x : NarrowTypes.wrapped(x, type);
    }
    return x.to(to);
  }

  private static Tensor integers(Call c, int i) {
    Tensor x = c.in(i);
    c.supports(x.dtype().isIndex() || x.dtype() == DType.U8, "elements of " + x.dtype());
    return x;
  }

  private static Tensor bits(Call c, LongBinaryOperator f) {
    Tensor a = integers(c, 0);
    Tensor b = integers(c, 1);
    c.needs(a.dtype() == b.dtype(), "dtypes " + a.dtype() + " and " + b.dtype() + " differ");
    Shape shape = Shape.broadcast("bits", a.shape(), b.shape());
    long[] x = a.to(DType.I64).expand(shape).toLongs();
    long[] y = b.to(DType.I64).expand(shape).toLongs();
    Arrays.setAll(x, i -> f.applyAsLong(x[i], y[i]));
    return NarrowTypes.wrapped(Tensor.of(shape, x), c.type(0));
  }

  private static Tensor not(Call c, Tensor x) {
    long[] all = Arrays.stream(x.to(DType.I64).toLongs()).map(v -> ~v).toArray();
    return NarrowTypes.wrapped(Tensor.of(x.shape(), all), c.type(0));
  }

  /** Of types without a sign; a shift by all bits or more leaves none. */
  private static Tensor shift(Call c) {
    String direction = c.text("direction", "");
    c.needs(direction.matches("LEFT|RIGHT"), "direction = '" + direction + "'");
    boolean left = direction.equals("LEFT");
    return bits(c, (a, by) -> by < 0 || by > 63 ? 0 : left ? a << by : a >>> by);
  }
}
