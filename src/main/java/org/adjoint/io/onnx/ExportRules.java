package org.adjoint.io.onnx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.autograd.Op;
import org.adjoint.op.Cholesky;
import org.adjoint.op.Dropout;
import org.adjoint.op.Eigh;
import org.adjoint.op.Solve;
import org.adjoint.op.Svd;

/**
 * How each of Adjoint's operations is written in ONNX's, at version {@link OnnxExport#OPSET}.
 * Compositions need no rule: they fall apart into operations that have one.
 */
final class ExportRules {
  private static final Map<Class<?>, Rule<Op>> TABLE = new HashMap<>();

  static {
    ExportRules table = new ExportRules();
    ExportElementwise.register(table);
    ExportShapes.register(table);
    ExportReductions.register(table);
    ExportLosses.register(table);
    ExportWindows.register(table);
    for (Class<? extends Op> type : List.of(Cholesky.class, Eigh.class, Solve.class, Svd.class)) {
      table.refuse(type, "ONNX has no such operator");
    }
    table.refuse(Dropout.class, "the model is being trained; call eval() first");
  }

  private ExportRules() {}

  /** Writes an operation; the names of its outputs. */
  @FunctionalInterface
  interface Rule<O extends Op> {
    List<String> write(O op, ExportStep step);
  }

  /** Writes an operation with one output. */
  @FunctionalInterface
  interface Single<O extends Op> {
    String write(O op, ExportStep step);
  }

  /** Adds the rule of an operation with one output. */
  <O extends Op> void one(Class<O> type, Single<O> rule) {
    many(type, (op, step) -> List.of(rule.write(op, step)));
  }

  /** Adds the rule of an operation. */
  <O extends Op> void many(Class<O> type, Rule<O> rule) {
    Rule<Op> old = TABLE.put(type, (op, step) -> rule.write(type.cast(op), step));
    if (old != null) {
      throw new IllegalStateException(type + " has two rules");
    }
  }

  private void refuse(Class<? extends Op> type, String why) {
    many(
        type,
        (_, step) -> {
          throw step.refuse(why);
        });
  }

  /**
   * Writes {@code op}.
   *
   * @throws IllegalArgumentException if it cannot be written
   */
  static List<String> write(Op op, ExportStep step) {
    Rule<Op> rule = TABLE.get(op.getClass());
    if (rule == null) {
      throw step.refuse("it is not known how to write it in ONNX");
    }
    return rule.write(op, step);
  }
}
