package org.adjoint.referee;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.OnnxWriter;
import org.adjoint.nn.State;

/** ONNX Runtime, told to compute what a model says, without improving on it. */
final class OnnxRuntime {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  private OnnxRuntime() {}

  /** The outputs of {@code model} for inputs by name. */
  static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      options.setIntraOpNumThreads(1);
      try (OrtSession session = ENVIRONMENT.createSession(OnnxWriter.toBytes(model), options)) {
        for (String name : session.getInputNames()) {
          given.put(name, toRuntime(State.get(inputs, name)));
        }
        try (OrtSession.Result result = session.run(given)) {
          Map<String, Tensor> outputs = new LinkedHashMap<>();
          result.forEach(e -> outputs.put(e.getKey(), fromRuntime((OnnxTensor) e.getValue())));
          return outputs;
        }
      }
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor toRuntime(Tensor tensor) throws OrtException {
    Constant elements = Constant.of("", tensor);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(elements.bytes().length).order(ByteOrder.nativeOrder());
    bytes.put(elements.bytes()).flip();
    OnnxJavaType type =
        switch (elements.type()) {
          case FLOAT -> OnnxJavaType.FLOAT;
          case DOUBLE -> OnnxJavaType.DOUBLE;
          case INT64 -> OnnxJavaType.INT64;
          case INT32 -> OnnxJavaType.INT32;
          case BOOL -> OnnxJavaType.BOOL;
          default -> throw new IllegalArgumentException("no input of " + elements.type());
        };
    return OnnxTensor.createTensor(ENVIRONMENT, bytes, tensor.shape().toArray(), type);
  }

  private static Tensor fromRuntime(OnnxTensor tensor) {
    ElementType type =
        switch (tensor.getInfo().type) {
          case FLOAT -> ElementType.FLOAT;
          case DOUBLE -> ElementType.DOUBLE;
          case INT64 -> ElementType.INT64;
          case INT32 -> ElementType.INT32;
          case BOOL -> ElementType.BOOL;
          default -> throw new IllegalArgumentException("no output of " + tensor.getInfo());
        };
    ByteBuffer buffer = tensor.getByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return new Constant("", type, Shape.of(tensor.getInfo().getShape()), bytes).toTensor();
  }
}
