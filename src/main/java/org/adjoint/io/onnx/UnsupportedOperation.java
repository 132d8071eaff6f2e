package org.adjoint.io.onnx;

import org.adjoint.io.Quoted;

/**
 * An ONNX operator, or a way of using one, that Adjoint does not know. It is told rather than
 * guessed: what such a node would have computed is nowhere replaced by something else.
 */
public final class UnsupportedOperation extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String operator;
  private final String domain;
  private final long opset;

  UnsupportedOperation(Onnx.Node node, long opset, String why) {
    super(
        "onnx: %s of %s, opset %d%s%s is not supported: %s"
            .formatted(
                Quoted.of(node.op()),
                node.domain().isEmpty() ? "ai.onnx" : Quoted.of(node.domain()),
                opset,
                node.name().isEmpty() ? "" : ", node ",
                node.name().isEmpty() ? "" : Quoted.of(node.name()),
                Call.line(why)));
    this.operator = node.op();
    this.domain = node.domain();
    this.opset = opset;
  }

  /** The operator, such as {@code Conv}. */
  public String operator() {
    return operator;
  }

  /** Whose it is; empty for the standard's own. */
  public String domain() {
    return domain;
  }

  /** The version of that domain's operators that the model asks for. */
  public long opset() {
    return opset;
  }
}
