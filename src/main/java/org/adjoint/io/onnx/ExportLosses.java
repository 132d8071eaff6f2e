package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.ExportStep.along;
import static org.adjoint.io.onnx.ExportStep.whole;

import java.util.HashMap;
import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.op.SoftmaxNll;

/** What training minimises. */
final class ExportLosses {
  private ExportLosses() {}

  static void register(ExportRules table) {
    table.one(SoftmaxNll.class, ExportLosses::softmaxNll);
  }

  private static String softmaxNll(SoftmaxNll op, ExportStep s) {
    if (s.result().count() == 0) {
      return s.zeros(); // runtimes refuse no rows
    }
    boolean ignores = op.ignore() != SoftmaxNll.NONE;
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("reduction", new Attribute.Text("none"));
    if (ignores) {
      attributes.put("ignore_index", whole(op.ignore()));
    }
    if (op.smoothing() == 0) {
      return s.node("SoftmaxCrossEntropyLoss", attributes, s.x(0), s.x(1));
    }
    String logp = s.node("LogSoftmax", along(1), s.x(0));
    String ofLabel = s.node("NegativeLogLikelihoodLoss", attributes, logp, s.x(1));
    Map<String, Attribute> dropped = Map.of("keepdims", whole(0));
    String ofAll = s.node("Neg", s.node("ReduceMean", dropped, logp, s.longs("axes", 1)));
    if (ignores) {
      Tensor label = Tensor.of(op.ignore()).to(s.in().get(1).meta().dtype());
      String ignored = s.node("Equal", s.x(1), s.graph().anyConstant("ignored", label));
      ofAll = s.node("Where", ignored, s.number(0), ofAll);
    }
    return s.node(
        "Add",
        s.node("Mul", ofLabel, s.number(1 - op.smoothing())),
        s.node("Mul", ofAll, s.number(op.smoothing())));
  }
}
