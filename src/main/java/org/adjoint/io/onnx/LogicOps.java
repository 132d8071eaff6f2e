package org.adjoint.io.onnx;

import java.util.function.BinaryOperator;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.op.IsNan;
import org.adjoint.op.Where;

/** Comparisons, truth values, and the choice between two. */
final class LogicOps {
  private LogicOps() {}

  static void register(Operators table) {
    comparison(table, "Equal", Tensor::eq);
    comparison(table, "Less", Tensor::lt);
    comparison(table, "Greater", Tensor::gt);
    table.one("LessOrEqual", 12, 2, "", c -> c.in(0).le(c.in(1)));
    table.one("GreaterOrEqual", 12, 2, "", c -> c.in(0).ge(c.in(1)));
    comparison(table, "And", Tensor::and);
    comparison(table, "Or", Tensor::or);
    comparison(table, "Xor", (a, b) -> a.and(b.not()).or(b.and(a.not())));
    table.one("Not", 1, 1, "", c -> c.in(0).not());
    table.one("Where", 9, 3, "", c -> Where.of(c.in(0), c.in(1), c.in(2)));
    table.one("IsNaN", 9, 1, "", c -> IsNan.of(c.floating(0)));
    table.one("IsInf", 10, 1, "detect_negative detect_positive", LogicOps::isInf);
  }

  private static void comparison(Operators table, String op, BinaryOperator<Tensor> f) {
    table.one(op, 0, 2, "broadcast axis", c -> f.apply(c.in(0), Legacy.second(c)));
    table.one(op, 7, 2, "", c -> f.apply(c.in(0), c.in(1)));
  }

  private static Tensor isInf(Call c) {
    Tensor x = c.floating(0);
    Tensor never = x.ne(x).and(x.eq(x));
    Tensor above = c.flag("detect_positive", true) ? x.eq(Double.POSITIVE_INFINITY) : never;
    Tensor below = c.flag("detect_negative", true) ? x.eq(Double.NEGATIVE_INFINITY) : never;
    return above.or(below).to(DType.BOOL);
  }
}
