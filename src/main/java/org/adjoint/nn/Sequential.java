package org.adjoint.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.adjoint.Tensor;

/** Layers one after the other; their parameters are named by position: {@code 0.weight}. */
public record Sequential(List<Layer> layers) implements Layer {
  /** The given layers, first to last. */
  public Sequential(Layer... layers) {
    this(List.of(layers));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (Layer layer : layers) {
      y = layer.forward(y);
    }
    return y;
  }

  /** Layer {@code i}, counted from 0. */
  public Layer get(int i) {
    return layers.get(i);
  }

  @Override
  public Map<String, Tensor> parameters() {
    return numbered(Layer::parameters);
  }

  @Override
  public Map<String, Tensor> buffers() {
    return numbered(Layer::buffers);
  }

  private Map<String, Tensor> numbered(Function<Layer, Map<String, Tensor>> tensors) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      Fields.prefixed(Integer.toString(i), tensors.apply(layers.get(i)), all);
    }
    return all;
  }
}
