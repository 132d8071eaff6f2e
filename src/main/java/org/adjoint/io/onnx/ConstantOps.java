package org.adjoint.io.onnx;

import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.Encoding;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.ElementType;

/** Tensors from nothing, and what does nothing but in training. */
final class ConstantOps {
  /** A longer range is a mistake of a file's rather than anyone's wish. */
  private static final double MOST = 1e8;

  private ConstantOps() {}

  static void register(Operators table) {
    table.one("Constant", 0, 0, "value", ConstantOps::constant);
    String values = "value value_float value_floats value_int value_ints";
    table.one("Constant", 12, 0, values, ConstantOps::constant);
    table.one("ConstantOfShape", 9, 1, "value", ConstantOps::constantOfShape);
    table.one("Range", 11, 3, "", ConstantOps::range);
    table.one("EyeLike", 9, 1, "dtype k", ConstantOps::eyeLike);
    table.many("Dropout", 0, 1, "is_test ratio", ConstantOps::dropoutOfOld);
    table.many("Dropout", 7, 1, "ratio", c -> kept(c, c.in(0).dtype()));
    table.many("Dropout", 10, 1, "ratio", c -> kept(c, DType.BOOL));
    table.many("Dropout", 12, 3, "seed", ConstantOps::dropout);
  }

  /** The dtype of a type in a file, if there is one that is just like it. */
  static DType dtype(Call c, long code) {
    ElementType type = ElementType.of(code);
    if (type == null || Encoding.of(type.encoding().dtype()) != type.encoding()) {
      throw c.unsupported("type " + (type == null ? "" + code : type));
    }
    return type.encoding().dtype();
  }

  private static Tensor constant(Call c) {
    c.needs(c.node().attributes().size() == 1, "one value is due");
    return switch (c.node().attributes().values().iterator().next()) {
      case Attribute.Elements(Constant value) -> value.toTensor();
      case Attribute.Real(float value) -> Tensor.of(Shape.SCALAR, value);
      case Attribute.Int(long value) -> Tensor.of(Shape.SCALAR, value);
      case Attribute.Ints(List<Long> all) ->
          Tensor.of(all.stream().mapToLong(Long::longValue).toArray());
      case Attribute.Reals(List<Float> all) -> {
        float[] values = new float[all.size()];
        IntStream.range(0, values.length).forEach(i -> values[i] = all.get(i));
        yield Tensor.of(values);
      }
      default -> throw c.unsupported("a constant that holds no numbers");
    };
  }

  private static Tensor constantOfShape(Call c) {
    Shape shape = Shape.of(c.longs(0));
    Constant value = c.node().constant("value");
    if (value == null) {
      return Tensor.zeros(new Meta(shape, DType.F32, Device.CPU));
    }
    c.needs(value.shape().count() == 1, "the value has " + value.shape().count() + " elements");
    return value.toTensor().reshape().expand(shape);
  }

  private static Tensor range(Call c) {
    DType dtype = c.in(0).dtype();
    double start = c.number(0);
    double delta = c.number(2);
    c.needs(delta != 0, "a delta of 0");
    double count = Math.ceil((c.number(1) - start) / delta);
    c.supports(!(count > MOST), "a range of %s numbers".formatted(count));
    double[] all = new double[(int) Math.max(0, count)];
    for (int i = 0; i < all.length; i++) {
      all[i] = start + i * delta;
    }
    return Tensor.of(all).to(dtype);
  }

  private static Tensor eyeLike(Call c) {
    c.needs(c.in(0).rank() == 2, "a matrix is due, not " + c.in(0).shape());
    long columns = c.in(0).size(1);
    long k = c.integer("k", 0);
    double[] all = new double[Math.toIntExact(c.in(0).shape().count())];
    for (int i = 0; i < all.length; i++) {
      all[i] = i % columns - i / columns == k ? 1 : 0;
    }
    DType dtype = c.says("dtype") ? dtype(c, c.integer("dtype", 0)) : c.in(0).dtype();
    return Tensor.of(c.in(0).shape(), all).to(dtype);
  }

  private static Tensor[] dropoutOfOld(Call c) {
    c.supports(c.flag("is_test", false), "training: which random numbers it draws is not told");
    return kept(c, c.in(0).dtype());
  }

  /** The input, and that all of it was kept: in truth values, or in numbers before version 10. */
  private static Tensor[] kept(Call c, DType mask) {
    return new Tensor[] {c.in(0), Tensor.ones(c.in(0).meta().with(mask))};
  }

  private static Tensor[] dropout(Call c) {
    boolean training = c.has(2) && c.number(2) != 0;
    double ratio = c.has(1) ? c.number(1) : 0.5;
    c.supports(!training || ratio == 0, "training: which random numbers it draws is not told");
    return kept(c, DType.BOOL);
  }
}
