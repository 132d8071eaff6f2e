package org.adjoint.io.onnx;

import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Acos;
import org.adjoint.op.Asin;
import org.adjoint.op.Atan;
import org.adjoint.op.Ceil;
import org.adjoint.op.Cosh;
import org.adjoint.op.Einsum;
import org.adjoint.op.Erf;
import org.adjoint.op.Floor;
import org.adjoint.op.Remainder;
import org.adjoint.op.Round;
import org.adjoint.op.Sinh;
import org.adjoint.op.Tan;
import org.adjoint.op.Trunc;
import org.adjoint.op.Where;

/** Sums, products, powers, and functions of one number. */
final class ArithmeticOps {
  private ArithmeticOps() {}

  static void register(Operators table) {
    binary(table, "Add", Tensor::add);
    binary(table, "Sub", Tensor::sub);
    binary(table, "Mul", Tensor::mul);
    binary(table, "Div", ArithmeticOps::div);
    binary(table, "Pow", ArithmeticOps::pow);
    table.one("Mod", 10, 2, "fmod", ArithmeticOps::mod);
    several(table, "Max", Tensor::maximum);
    several(table, "Min", Tensor::minimum);
    several(table, "Sum", Tensor::add);
    table.one("Mean", 8, -1, "", c -> mean(c));
    table.one("MatMul", 0, 2, "", c -> exact(c, c.in(0), c.in(1), Tensor::matmul));
    table.one("Gemm", 0, 3, "alpha beta transA transB broadcast", ArithmeticOps::gemmOfOld);
    table.one("Gemm", 7, 3, "alpha beta transA transB", ArithmeticOps::gemm);
    table.one("Einsum", 12, -1, "equation", ArithmeticOps::einsum);
    table.one("Abs", 0, 1, "", c -> wide(c, Tensor::abs));
    table.one("Neg", 0, 1, "", c -> wide(c, Tensor::neg));
    table.one("Sign", 9, 1, "", c -> wide(c, Tensor::sign));
    table.one("Clip", 0, 1, "min max", ArithmeticOps::clipOfOld);
    table.one("Clip", 11, 3, "", ArithmeticOps::clip);
    unary(table, "Exp", 0, Tensor::exp);
    unary(table, "Log", 0, Tensor::log);
    unary(table, "Sqrt", 0, Tensor::sqrt);
    unary(table, "Reciprocal", 0, x -> x.pow(-1));
    unary(table, "Ceil", 0, x -> new Ceil().apply(x));
    unary(table, "Floor", 0, x -> new Floor().apply(x));
    unary(table, "Round", 11, x -> new Round().apply(x));
    unary(table, "Erf", 9, x -> new Erf().apply(x));
    unary(table, "Sin", 7, Tensor::sin);
    unary(table, "Cos", 7, Tensor::cos);
    unary(table, "Tan", 7, x -> new Tan().apply(x));
    unary(table, "Asin", 7, x -> new Asin().apply(x));
    unary(table, "Acos", 7, x -> new Acos().apply(x));
    unary(table, "Atan", 7, x -> new Atan().apply(x));
    unary(table, "Sinh", 9, x -> new Sinh().apply(x));
    unary(table, "Cosh", 9, x -> new Cosh().apply(x));
    unary(table, "Asinh", 9, x -> asinh(x.to(DType.F64)).to(x.dtype()));
    unary(table, "Acosh", 9, x -> acosh(x.to(DType.F64)).to(x.dtype()));
    unary(table, "Atanh", 9, x -> atanh(x.to(DType.F64)).to(x.dtype()));
  }

  private static void unary(Operators table, String op, long since, UnaryOperator<Tensor> f) {
    table.one(op, since, 1, "", c -> f.apply(c.floating(0)));
  }

  private static void binary(Operators table, String op, Op f) {
    table.one(op, 0, 2, "broadcast axis", c -> f.apply(c, c.in(0), Legacy.second(c)));
    table.one(op, 7, 2, "", c -> f.apply(c, c.in(0), c.in(1)));
  }

  private static void binary(Operators table, String op, BinaryOperator<Tensor> f) {
    binary(table, op, (c, a, b) -> wrapped(numeric(c, a), numeric(c, b), f));
  }

  /** f(a, b); bytes wrap around, where Adjoint's stop at 0 and 255. */
  private static Tensor wrapped(Tensor a, Tensor b, BinaryOperator<Tensor> f) {
    if (a.dtype() != DType.U8 || b.dtype() != DType.U8) {
      return f.apply(a, b);
    }
    Tensor y = f.apply(a.to(DType.F64), b.to(DType.F64));
    return Remainder.of(y, Tensor.of(256.0)).reshape(y.shape().toArray()).to(DType.U8);
  }

  private static void several(Operators table, String op, BinaryOperator<Tensor> f) {
    table.one(
        op,
        0,
        -1,
        "",
        c -> sameShapes(c).all().stream().map(x -> numeric(c, x)).reduce(f).orElseThrow());
    table.one(op, 8, -1, "", c -> c.all().stream().map(x -> numeric(c, x)).reduce(f).orElseThrow());
  }

  /** A function of two numbers that needs to see the node. */
  private interface Op {
    Tensor apply(Call call, Tensor a, Tensor b);
  }

  private static Call sameShapes(Call c) {
    for (Tensor x : c.all()) {
      c.needs(
          x.shape().equals(c.in(0).shape()),
          "shapes " + c.in(0).shape() + " and " + x.shape() + " differ, in a version before 8");
    }
    return c;
  }

  private static Tensor numeric(Call c, Tensor x) {
    c.supports(x.dtype() != DType.BOOL, "elements of BOOL");
    return x;
  }

  /** f(x); of integers by way of F64, which holds those up to 2⁵³. */
  private static Tensor wide(Call c, UnaryOperator<Tensor> f) {
    Tensor x = numeric(c, c.in(0));
    return x.dtype().isFloating() ? f.apply(x) : f.apply(x.to(DType.F64)).to(x.dtype());
  }

  private static Tensor exact(Call c, Tensor a, Tensor b, BinaryOperator<Tensor> f) {
    numeric(c, a);
    c.needs(a.dtype() == b.dtype(), "dtypes " + a.dtype() + " and " + b.dtype() + " differ");
    return a.dtype().isFloating()
        ? f.apply(a, b)
        : f.apply(a.to(DType.F64), b.to(DType.F64)).to(a.dtype());
  }

  /** Quotients of integers are cut towards zero. */
  private static Tensor div(Call c, Tensor a, Tensor b) {
    boolean whole = !a.dtype().isFloating();
    return exact(c, a, b, (x, y) -> whole ? new Trunc().apply(x.div(y)) : x.div(y));
  }

  /**
   * |a|ᵇ = exp(b ln |a|), negated where a is below 0 and b odd; NaN where a is below 0 and b not
   * whole. In F64, so that the exponential adds no error worth mention.
   */
  private static Tensor pow(Call c, Tensor a, Tensor b) {
    numeric(c, a);
    numeric(c, b);
    if (a.dtype().isFloating() && b.shape().count() == 1 && !b.requiresGrad()) {
      Shape shape = Shape.broadcast("pow", a.shape(), b.shape());
      return a.pow(b.toDoubles()[0]).expand(shape);
    }
    Tensor x = a.to(DType.F64);
    Tensor p = b.to(DType.F64);
    Shape shape = Shape.broadcast("pow", x.shape(), p.shape());
    x = x.expand(shape);
    p = p.expand(shape);
    Tensor half = p.mul(0.5);
    Tensor odd = half.ne(new Floor().apply(half)); // of those that are whole
    Tensor size = x.abs().log().mul(p).exp();
    Tensor below =
        Where.of(p.ne(new Floor().apply(p)), Double.NaN, Where.of(odd, size.neg(), size));
    Tensor y = Where.of(p.eq(0), 1, Where.of(x.lt(0), below, size));
    if (a.dtype().isFloating()) {
      return y.to(a.dtype());
    }
    // What is whole but for rounding is whole; other powers are cut towards zero.
    Tensor near = new Round().apply(y);
    return Where.of(near.sub(y).abs().le(near.abs().mul(1e-9)), near, new Trunc().apply(y))
        .to(a.dtype());
  }

  private static Tensor mod(Call c) {
    Tensor a = numeric(c, c.in(0));
    Tensor b = numeric(c, c.in(1));
    if (c.flag("fmod", false)) {
      return exact(c, a, b, (x, y) -> x.sign().mul(Remainder.of(x.abs(), y.abs())));
    }
    c.needs(!a.dtype().isFloating(), "fmod must be 1 for " + a.dtype());
    return exact(c, a, b, Remainder::of);
  }

  private static Tensor mean(Call c) {
    c.floating(0);
    return c.all().stream().reduce(Tensor::add).orElseThrow().div(c.inputs().size());
  }

  private static Tensor gemmOfOld(Call c) {
    Tensor y = product(c);
    c.needs(
        c.flag("broadcast", false) || c.in(2).shape().equals(y.shape()),
        "C is " + c.in(2).shape() + ", not " + y.shape() + ", and broadcast is 0");
    return gemm(c);
  }

  private static Tensor product(Call c) {
    Tensor a = c.flag("transA", false) ? c.in(0).t() : c.in(0);
    return a.matmul(c.flag("transB", false) ? c.in(1).t() : c.in(1));
  }

  private static Tensor gemm(Call c) {
    c.floating(0);
    c.needs(c.in(0).rank() == 2 && c.in(1).rank() == 2, "A and B must be matrices");
    double alpha = c.real("alpha", 1);
    double beta = c.real("beta", 1);
    Tensor y = product(c);
    Tensor scaled = alpha == 1 ? y : y.mul(alpha);
    if (!c.has(2) || beta == 0) {
      return scaled;
    }
    Tensor added = beta == 1 ? c.in(2) : c.in(2).mul(beta);
    return scaled.add(added.expand(y.shape()));
  }

  private static Tensor einsum(Call c) {
    c.floating(0);
    String equation = c.text("equation", "").replace(" ", "");
    c.supports(
        equation.matches("[a-z.,]*(->[a-z.]*)?") && !equation.isEmpty(),
        "the equation '" + equation + "'");
    return Einsum.of(equation, c.all().toArray(Tensor[]::new));
  }

  private static Tensor clipOfOld(Call c) {
    Tensor x = c.floating(0);
    return x.clamp(c.real("min", -Float.MAX_VALUE), c.real("max", Float.MAX_VALUE));
  }

  private static Tensor clip(Call c) {
    Tensor y = numeric(c, c.in(0));
    y = c.has(1) ? y.maximum(c.in(1)) : y;
    return c.has(2) ? y.minimum(c.in(2)) : y;
  }

  /** sgn(x) ln(|x| + √(x² + 1)), without the cancellation in x² + 1 − 1. */
  private static Tensor asinh(Tensor x) {
    Tensor size = x.abs();
    Tensor square = size.mul(size);
    return size.add(square.div(square.add(1).sqrt().add(1))).log1p().mul(x.sign());
  }

  private static Tensor acosh(Tensor x) {
    return x.add(x.mul(x).sub(1).sqrt()).log();
  }

  private static Tensor atanh(Tensor x) {
    return x.log1p().sub(x.neg().log1p()).mul(0.5);
  }
}
