package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.autograd.Op;
import org.adjoint.bench.kernels.Template.Call;
import org.adjoint.bench.kernels.Template.Make;
import org.adjoint.op.Draw;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.samples.cli.UserError;

/** Kernels that have something in common, and the cases that they are timed in. */
final class Family {
  private final String name;
  private final List<Template> templates = new ArrayList<>();

  Family(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  List<Template> templates() {
    return List.copyOf(templates);
  }

  /**
   * Cases of an operation of the catalog.
   *
   * @param axes as in {@link Template}
   * @param shapes sizes such as {@code 8192x768}, or {@code 8192x768:BF16} if the dtype is not F32
   */
  Family add(String op, String axes, Make make, String... shapes) {
    return add(spec(op), axes, make, shapes);
  }

  /** Cases of an operation. */
  Family add(OpSpec spec, String axes, Make make, String... shapes) {
    for (String shape : shapes) {
      String[] parts = shape.split(":");
      DType dtype = parts.length > 1 ? DType.valueOf(parts[1]) : DType.F32;
      templates.add(
          new Template(name, spec, dtype, List.of(axes.split(" ")), sizes(parts[0]), make));
    }
    return this;
  }

  /** A case of given shapes, which are not cut. */
  Family fixed(OpSpec spec, Op op, DType dtype, List<Draw> inputs) {
    Call call = new Call(op, inputs.toArray(Draw[]::new));
    templates.add(new Template(name, spec, dtype, List.of(), List.of(), _ -> call));
    return this;
  }

  static Call call(Op op, Draw... inputs) {
    return new Call(op, inputs);
  }

  /** The spec of an operation of the catalog. */
  static OpSpec spec(String op) {
    return OpCatalog.all().stream()
        .filter(spec -> spec.name().equals(op))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("no operation " + op));
  }

  /** The operation of the {@code i}-th example of a spec. */
  static Op example(String op, int i) {
    return spec(op).examples().stream()
        .map(OpSpec.Example::op)
        .filter(Objects::nonNull)
        .skip(i)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Sizes as they are typed, such as {@code 8192x768}.
   *
   * @throws UserError if they are none
   */
  static List<Long> sizes(String text) {
    try {
      List<Long> sizes =
          Arrays.stream(text.toLowerCase(Locale.ROOT).split("x", -1)).map(Long::valueOf).toList();
      if (sizes.stream().allMatch(n -> n > 0)) {
        return sizes;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UserError("shape '" + text + "': write sizes above 0 with x between, like 8192x768");
  }
}
