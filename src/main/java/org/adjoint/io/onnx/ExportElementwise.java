package org.adjoint.io.onnx;

import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.autograd.Op;
import org.adjoint.op.Abs;
import org.adjoint.op.Acos;
import org.adjoint.op.Add;
import org.adjoint.op.AddScalar;
import org.adjoint.op.And;
import org.adjoint.op.Asin;
import org.adjoint.op.Atan;
import org.adjoint.op.Atan2;
import org.adjoint.op.Cast;
import org.adjoint.op.Ceil;
import org.adjoint.op.Clamp;
import org.adjoint.op.Compare;
import org.adjoint.op.CompareScalar;
import org.adjoint.op.Copy;
import org.adjoint.op.Cos;
import org.adjoint.op.Cosh;
import org.adjoint.op.Div;
import org.adjoint.op.DivScalar;
import org.adjoint.op.Erf;
import org.adjoint.op.Erfc;
import org.adjoint.op.Exp;
import org.adjoint.op.Expm1;
import org.adjoint.op.Floor;
import org.adjoint.op.Log;
import org.adjoint.op.Log1p;
import org.adjoint.op.Maximum;
import org.adjoint.op.Minimum;
import org.adjoint.op.Mul;
import org.adjoint.op.MulScalar;
import org.adjoint.op.Not;
import org.adjoint.op.Or;
import org.adjoint.op.Pow;
import org.adjoint.op.Relation;
import org.adjoint.op.Relu;
import org.adjoint.op.Remainder;
import org.adjoint.op.Round;
import org.adjoint.op.Sigmoid;
import org.adjoint.op.Sign;
import org.adjoint.op.Sin;
import org.adjoint.op.Sinh;
import org.adjoint.op.Softplus;
import org.adjoint.op.Sqrt;
import org.adjoint.op.Sub;
import org.adjoint.op.Tan;
import org.adjoint.op.Tanh;
import org.adjoint.op.ToDevice;
import org.adjoint.op.Trunc;
import org.adjoint.op.Where;

/** Operations on each element by itself. */
final class ExportElementwise {
  private ExportElementwise() {}

  static void register(ExportRules table) {
    for (Class<? extends Op> type :
        List.of(
            Abs.class,
            Acos.class,
            Add.class,
            And.class,
            Asin.class,
            Atan.class,
            Ceil.class,
            Cos.class,
            Cosh.class,
            Div.class,
            Erf.class,
            Exp.class,
            Floor.class,
            Log.class,
            Mul.class,
            Not.class,
            Or.class,
            Relu.class,
            Round.class,
            Sigmoid.class,
            Sign.class,
            Sin.class,
            Sinh.class,
            Sqrt.class,
            Sub.class,
            Tan.class,
            Tanh.class,
            Where.class)) {
      table.one(type, (_, s) -> s.node(type.getSimpleName(), s.broadcast(0)));
    }
    table.one(Maximum.class, (_, s) -> s.node("Max", s.broadcast(0)));
    table.one(Minimum.class, (_, s) -> s.node("Min", s.broadcast(0)));
    table.one(Copy.class, (_, s) -> s.node("Identity", s.x(0)));
    table.one(ToDevice.class, (_, s) -> s.node("Identity", s.x(0)));
    table.one(AddScalar.class, (op, s) -> s.node("Add", s.x(0), s.number(op.c())));
    table.one(MulScalar.class, (op, s) -> s.node("Mul", s.x(0), s.number(op.c())));
    table.one(DivScalar.class, (op, s) -> s.node("Div", s.x(0), s.number(op.c())));
    table.one(Pow.class, (op, s) -> s.node("Pow", s.x(0), s.number(op.p())));
    table.one(Erfc.class, (_, s) -> s.node("Sub", s.number(1), s.node("Erf", s.x(0))));
    table.one(Compare.class, (op, s) -> compare(s, op.relation(), s.broadcast(0)));
    table.one(CompareScalar.class, (op, s) -> compare(s, op.relation(), s.x(0), s.number(op.c())));
    table.one(Clamp.class, ExportElementwise::clamp);
    table.one(Softplus.class, ExportElementwise::softplus);
    table.one(Trunc.class, ExportElementwise::trunc);
    table.one(Remainder.class, ExportElementwise::remainder);
    table.one(Cast.class, ExportElementwise::cast);
    table.one(Relu.Gate.class, ExportElementwise::gate);
    table.one(Expm1.class, ExportElementwise::expm1);
    table.one(Log1p.class, ExportElementwise::log1p);
    table.one(Atan2.class, ExportElementwise::atan2);
  }

  private static String compare(ExportStep s, Relation relation, String... inputs) {
    return switch (relation) {
      case EQ -> s.node("Equal", inputs);
      case NE -> s.node("Not", s.node("Equal", inputs));
      case LT -> s.node("Less", inputs);
      case LE -> s.node("LessOrEqual", inputs);
      case GT -> s.node("Greater", inputs);
      case GE -> s.node("GreaterOrEqual", inputs);
    };
  }

  /** Both ends are told, as an infinity would not pass an end that is left out. */
  private static String clamp(Clamp op, ExportStep s) {
    return s.node("Clip", s.x(0), s.number(op.min()), s.number(op.max()));
  }

  private static String softplus(Softplus op, ExportStep s) {
    if (op.beta() == 1) {
      return s.node("Softplus", s.x(0));
    }
    String beta = s.number(op.beta());
    return s.node("Div", s.node("Softplus", s.node("Mul", s.x(0), beta)), beta);
  }

  /** sign(x)·⌊|x|⌋, as ONNX cannot cut towards zero. */
  private static String trunc(Trunc op, ExportStep s) {
    return s.node("Mul", s.node("Sign", s.x(0)), s.node("Floor", s.node("Abs", s.x(0))));
  }

  private static String remainder(Remainder op, ExportStep s) {
    String[] in = s.broadcast(0);
    if (!s.dtype().isFloating()) {
      return s.node("Mod", in);
    }
    // Of floating numbers, ONNX knows only the remainder with the sign of a.
    String rest = s.node("Mod", Map.of("fmod", ExportStep.whole(1)), in);
    String back = s.node("Add", rest, in[1]);
    String zero = s.number(0);
    String otherSign = s.node("Less", s.node("Mul", rest, in[1]), zero);
    return s.node("Where", otherSign, back, rest);
  }

  private static String cast(Cast op, ExportStep s) {
    if (op.dtype() == DType.BOOL) {
      return s.node("Not", s.node("Equal", s.x(0), s.number(0)));
    }
    return s.cast(s.x(0), op.dtype());
  }

  private static String gate(Relu.Gate op, ExportStep s) {
    String zero = s.number(0);
    return s.node("Where", s.node("Greater", s.x(0), zero), s.x(1), zero);
  }

  /** Near 0, where exp(x) − 1 would lose its digits, 2·exp(x/2)·sinh(x/2). */
  private static String expm1(Expm1 op, ExportStep s) {
    String half = s.node("Mul", s.x(0), s.number(0.5));
    String product = s.node("Mul", s.node("Exp", half), s.node("Sinh", half));
    String near = s.node("Mul", product, s.number(2));
    return nearZero(s, near, s.node("Sub", s.node("Exp", s.x(0)), s.number(1)));
  }

  /** Near 0, where 1 + x would lose its digits, 2·atanh(x / (x + 2)). */
  private static String log1p(Log1p op, ExportStep s) {
    String two = s.number(2);
    String ratio = s.node("Div", s.x(0), s.node("Add", s.x(0), two));
    String near = s.node("Mul", two, s.node("Atanh", ratio));
    return nearZero(s, near, s.node("Log", s.node("Add", s.x(0), s.number(1))));
  }

  private static String nearZero(ExportStep s, String near, String far) {
    String isNear = s.node("Less", s.node("Abs", s.x(0)), s.number(0.5));
    return s.node("Where", isNear, near, far);
  }

  /** The arc tangent of y/x, half a turn further where x &lt; 0. */
  private static String atan2(Atan2 op, ExportStep s) {
    String zero = s.number(0);
    // Infinities become the largest numbers, whose quotient is known.
    double most = s.dtype() == DType.F64 ? Double.MAX_VALUE : Float.MAX_VALUE;
    String y = s.node("Clip", s.x(0), s.number(-most), s.number(most));
    String x = s.node("Clip", s.x(1), s.number(-most), s.number(most));
    String angle = s.node("Atan", s.node("Div", y, x));
    String turn = s.node("Where", s.node("Less", y, zero), s.number(-Math.PI), s.number(Math.PI));
    String left = s.node("Less", x, zero);
    String turned = s.node("Where", left, s.node("Add", angle, turn), angle);
    // 0/0 has no angle; what is meant is 0.
    String origin = s.node("And", s.node("Equal", y, zero), s.node("Equal", x, zero));
    return s.node("Where", origin, zero, turned);
  }
}
