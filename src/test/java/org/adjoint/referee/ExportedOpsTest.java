package org.adjoint.referee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import ai.onnxruntime.OrtException;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.adjoint.DType;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.check.Inputs;
import org.adjoint.check.OnnxCase;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.OnnxExport;
import org.adjoint.io.onnx.OnnxModel;
import org.adjoint.io.onnx.UnsupportedOperation;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation of the catalog, exported and computed by another runtime. */
class ExportedOpsTest {
  static List<OpSpec> catalog() {
    return OpCatalog.all();
  }

  @ParameterizedTest
  @MethodSource("catalog")
  void anotherRuntimeAgrees(OpSpec spec) throws OrtException {
    for (Example example : spec.examples()) {
      try (Scope _ = Scope.open()) {
        compare(example, Inputs.fair(example));
      }
    }
  }

  /** Where ONNX says nothing, and the runtime does not do as IEEE 754 or PyTorch. */
  private static final Map<Double, Set<String>> NOT_SAID =
      Map.of(
          Double.NaN,
          Set.of(
              "sort",
              "top_k",
              "norm",
              "max",
              "min",
              "argmax",
              "argmin",
              "max_pool",
              "adaptive_max_pool"),
          Double.POSITIVE_INFINITY,
          Set.of("frozen_norm"),
          Double.NEGATIVE_INFINITY,
          Set.of("frozen_norm", "pow"));

  @ParameterizedTest
  @MethodSource("catalog")
  void anotherRuntimeAgreesOnSpecialValues(OpSpec spec) throws OrtException {
    Comparator<Example> size =
        Comparator.comparingLong(e -> e.inputs().stream().mapToLong(d -> d.shape().count()).sum());
    Example largest = Collections.max(spec.examples(), size);
    for (Map.Entry<Double, Set<String>> entry : NOT_SAID.entrySet()) {
      if (!entry.getValue().contains(spec.name())) {
        try (Scope _ = Scope.open()) {
          compare(largest, Inputs.fair(largest).planted(entry.getKey()));
        }
      }
    }
  }

  @Test
  void onlyTheseAreNotWritten() {
    Set<String> refusals = new TreeSet<>();
    for (OpSpec spec : catalog()) {
      for (Example example : spec.examples()) {
        try (Scope _ = Scope.open()) {
          export(example, Inputs.fair(example).tensors(DType.F32));
        } catch (IllegalArgumentException e) {
          refusals.add(String.valueOf(e.getMessage()).replaceAll(", as [0-9].*", ""));
        }
      }
    }
    assertEquals(
        """
        onnx export: adaptive_max_pool: ONNX has no windows of several sizes
        onnx export: avg_pool.input_grad: it is not known how to write it in ONNX
        onnx export: avg_pool: ONNX has no windows of several sizes
        onnx export: channel_norm.grad: it is not known how to write it in ONNX
        onnx export: cholesky: ONNX has no such operator
        onnx export: conv.weight_grad: it is not known how to write it in ONNX
        onnx export: dropout: the model is being trained; call eval() first
        onnx export: eigh: ONNX has no such operator
        onnx export: fused_attention: it is not known how to write it in ONNX
        onnx export: fused_attention_gradient: it is not known how to write it in ONNX
        onnx export: log_softmax.grad: it is not known how to write it in ONNX
        onnx export: max_pool.input_grad: it is not known how to write it in ONNX
        onnx export: row_norm.grad: it is not known how to write it in ONNX
        onnx export: row_rms.grad: it is not known how to write it in ONNX
        onnx export: sigmoid.grad: it is not known how to write it in ONNX
        onnx export: softmax.grad: it is not known how to write it in ONNX
        onnx export: softmax_nll.input_grad: it is not known how to write it in ONNX
        onnx export: solve: ONNX has no such operator
        onnx export: svd: ONNX has no such operator
        onnx export: tanh.grad: it is not known how to write it in ONNX
        onnx export: unrolled: it is not known how to write it in ONNX
        onnx export: unrolled_gradient: it is not known how to write it in ONNX\
        """,
        String.join("\n", refusals));
  }

  private static Model export(Example example, Tensor... in) {
    return OnnxExport.of(
        "test", named("x", in), Map.of(), () -> named("y", example.call().apply(in)));
  }

  /** What another runtime and our own reading of the model make of it is what it made itself. */
  private static void compare(Example example, Inputs values) throws OrtException {
    Tensor[] in = values.tensors(DType.F32);
    Map<String, Tensor> inputs = named("x", in);
    Model model;
    try {
      model = export(example, in);
    } catch (IllegalArgumentException e) {
      return; // onlyTheseAreNotWritten
    }
    Map<String, Tensor> expected = named("y", example.call().apply(in));
    requireEqual(model, expected, OnnxRuntime.run(model, inputs));
    try {
      requireEqual(model, expected, new OnnxModel(model).run(inputs));
    } catch (UnsupportedOperation e) {
      // We need not read all that we can write.
    }
  }

  private static void requireEqual(
      Model model, Map<String, Tensor> expected, Map<String, Tensor> outputs) {
    assertEquals(expected.keySet(), outputs.keySet());
    expected.forEach((name, y) -> {
      Tensor made = outputs.get(name);
      assertNotNull(made);
      assertEquals(y.dtype(), made.dtype());
      // All inputs are F32, and what is made of them is no more exact, whatever holds it.
      boolean wide = y.dtype() == DType.F64;
      OnnxCase.share(
          0,
          wide ? made.to(DType.F32) : made,
          wide ? y.to(DType.F32) : y,
          model.graph().nodes().size());
    });
  }

  private static Map<String, Tensor> named(String stem, Tensor... tensors) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < tensors.length; i++) {
      named.put(stem + i, tensors[i]);
    }
    return named;
  }
}
