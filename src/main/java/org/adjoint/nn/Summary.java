package org.adjoint.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.adjoint.Cost;
import org.adjoint.Grad;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** A table of a model's layers: shapes, parameters, floating-point operations and memory. */
public final class Summary {
  private static final String ROW = "%-4s %-24s %-20s %12s %14s %10s%n";

  private record Row(String number, String layer, Shape shape, long parameters, Cost cost) {}

  private Summary() {}

  /**
   * The layers of {@code model} as they see {@code input}: output shape, number of parameters, FLOP
   * of a forward pass (a multiply-add counts two) and KiB of results. A {@link Sequential} has a
   * row per layer, any other model one row.
   */
  public static String of(Layer model, Tensor input) {
    List<Row> rows = new ArrayList<>();
    Grad.off(() -> measure(model, input, rows));
    StringBuilder text = new StringBuilder();
    text.append(String.format(ROW, "#", "layer", "output", "parameters", "FLOP", "KiB"));
    double flop = 0;
    long bytes = 0;
    for (Row row : rows) {
      flop += row.cost.flop();
      bytes += row.cost.bytes();
      text.append(
          line(
              row.number,
              row.layer,
              row.shape.toString(),
              row.parameters,
              row.cost.flop(),
              row.cost.bytes()));
    }
    text.append(line("", "total", "", model.parameterCount(), flop, bytes));
    return text.toString();
  }

  private static void measure(Layer model, Tensor input, List<Row> rows) {
    List<Layer> layers = model instanceof Sequential(List<Layer> parts) ? parts : List.of(model);
    Tensor[] x = {input};
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Cost cost = Cost.of(() -> x[0] = layer.forward(x[0]));
      rows.add(
          new Row(Integer.toString(i), name(layer), x[0].shape(), layer.parameterCount(), cost));
    }
  }

  private static String name(Layer layer) {
    boolean lambda = layer.getClass().isSynthetic() || layer.getClass().isHidden();
    String name = lambda ? "function" : layer.toString();
    return name.contains("@") ? layer.getClass().getSimpleName() : name;
  }

  private static String line(
      String number, String layer, String shape, long parameters, double flop, long bytes) {
    return String.format(
        Locale.ROOT,
        ROW,
        number,
        layer,
        shape,
        String.format(Locale.ROOT, "%,d", parameters),
        String.format(Locale.ROOT, "%,.0f", flop),
        String.format(Locale.ROOT, "%,d", Math.ceilDiv(bytes, 1024)));
  }
}
