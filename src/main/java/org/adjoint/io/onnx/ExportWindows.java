package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.ExportStep.whole;
import static org.adjoint.io.onnx.ExportStep.wholes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Shape;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.op.AdaptiveMaxPool;
import org.adjoint.op.AvgPool;
import org.adjoint.op.Conv;
import org.adjoint.op.MaxPool;
import org.adjoint.op.Sliding;
import org.adjoint.op.Windows;

/** Windows that slide over spatial axes: convolution and pooling. */
final class ExportWindows {
  private ExportWindows() {}

  static void register(ExportRules table) {
    table.one(Conv.class, ExportWindows::conv);
    table.one(Conv.InputGrad.class, ExportWindows::convTranspose);
    table.many(MaxPool.class, ExportWindows::maxPool);
    table.many(AdaptiveMaxPool.class, ExportWindows::adaptiveMaxPool);
    table.one(AvgPool.class, ExportWindows::avgPool);
  }

  /** How a window moves; ONNX lists the padding before all axes, then that after them. */
  private static Map<String, Attribute> moving(Sliding sliding) {
    List<Integer> pads = new ArrayList<>(sliding.padding());
    pads.addAll(sliding.padding());
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("strides", wholes(sliding.stride()));
    attributes.put("pads", wholes(pads));
    attributes.put("dilations", wholes(sliding.dilation()));
    return attributes;
  }

  private static Shape spatial(Shape shape) {
    return shape.slice(2, shape.rank());
  }

  private static String conv(Conv op, ExportStep s) {
    Map<String, Attribute> attributes = moving(op.sliding());
    attributes.put("kernel_shape", wholes(spatial(s.shape(1)).toArray()));
    attributes.put("group", whole(op.groups()));
    String[] in = s.in().stream().map(ExportStep.Known::name).toArray(String[]::new);
    return s.node("Conv", attributes, in);
  }

  private static String convTranspose(Conv.InputGrad op, ExportStep s) {
    Sliding sliding = op.conv().sliding();
    Map<String, Attribute> attributes = moving(sliding);
    long[] extra = new long[sliding.axes()];
    for (int axis = 0; axis < extra.length; axis++) {
      long reach = sliding.dilation().get(axis) * (s.shape(1).size(axis + 2) - 1) + 1;
      long least =
          (s.shape(0).size(axis + 2) - 1) * sliding.stride().get(axis)
              - 2L * sliding.padding().get(axis)
              + reach;
      extra[axis] = s.result().size(axis + 2) - least;
    }
    attributes.put("output_padding", wholes(extra));
    attributes.put("kernel_shape", wholes(spatial(s.shape(1)).toArray()));
    attributes.put("group", whole(op.conv().groups()));
    return s.node("ConvTranspose", attributes, s.x(0), s.x(1));
  }

  private static List<String> maxPool(MaxPool op, ExportStep s) {
    return maxPool(s, op.kernel(), op.sliding(), op.ceil());
  }

  private static List<String> adaptiveMaxPool(AdaptiveMaxPool op, ExportStep s) {
    List<Integer> kernel = even(s, op.windows());
    return maxPool(s, kernel, sideBySide(kernel), false);
  }

  private static List<String> maxPool(
      ExportStep s, List<Integer> kernel, Sliding sliding, boolean ceil) {
    Map<String, Attribute> attributes = moving(sliding);
    attributes.put("kernel_shape", wholes(kernel));
    attributes.put("ceil_mode", whole(ceil ? 1 : 0));
    List<String> made = s.nodes("MaxPool", 2, attributes, s.x(0));
    // ONNX counts an index from the first element of all; here it is from that of the plane.
    String plane = s.longs("plane", spatial(s.shape(0)).count());
    return List.of(made.get(0), s.node("Mod", made.get(1), plane));
  }

  private static String avgPool(AvgPool op, ExportStep s) {
    return switch (op.windows()) {
      case Windows.Moving w -> avgPool(s, w.kernel(), w.sliding(), w.ceil(), w.countPadding());
      case Windows.Even w -> {
        List<Integer> kernel = even(s, w);
        yield avgPool(s, kernel, sideBySide(kernel), false, false);
      }
    };
  }

  private static String avgPool(
      ExportStep s, List<Integer> kernel, Sliding sliding, boolean ceil, boolean countPadding) {
    Map<String, Attribute> attributes = moving(sliding);
    attributes.put("kernel_shape", wholes(kernel));
    attributes.put("ceil_mode", whole(ceil ? 1 : 0));
    attributes.put("count_include_pad", whole(countPadding ? 1 : 0));
    return s.node("AveragePool", attributes, s.x(0));
  }

  /** Windows of {@code kernel} cells that neither overlap nor leave gaps. */
  private static Sliding sideBySide(List<Integer> kernel) {
    int[] steps = kernel.stream().mapToInt(Integer::intValue).toArray();
    return Sliding.over(steps.length).withStride(steps);
  }

  /** The size of the windows, if all have the same. */
  private static List<Integer> even(ExportStep s, Windows.Even windows) {
    List<Integer> kernel = new ArrayList<>();
    for (int axis = 0; axis < windows.axes(); axis++) {
      long size = s.shape(0).size(axis + 2);
      int count = windows.sizes().get(axis);
      if (size % count != 0) {
        throw s.refuse(
            "ONNX has no windows of several sizes, as %d windows over %d cells are"
                .formatted(count, size));
      }
      kernel.add((int) (size / count));
    }
    return kernel;
  }
}
