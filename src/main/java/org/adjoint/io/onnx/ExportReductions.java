package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.ExportStep.along;
import static org.adjoint.io.onnx.ExportStep.whole;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.op.ArgMax;
import org.adjoint.op.ChannelNorm;
import org.adjoint.op.Cumsum;
import org.adjoint.op.FrozenNorm;
import org.adjoint.op.LogSoftmax;
import org.adjoint.op.LogSumExp;
import org.adjoint.op.MaskedSoftmax;
import org.adjoint.op.MatMul;
import org.adjoint.op.Max;
import org.adjoint.op.Min;
import org.adjoint.op.RowNorm;
import org.adjoint.op.RowRms;
import org.adjoint.op.Softmax;
import org.adjoint.op.Sum;

/** Operations that take many elements together: sums, extremes, products of matrices. */
final class ExportReductions {
  private ExportReductions() {}

  static void register(ExportRules table) {
    table.one(MatMul.class, (_, s) -> s.node("MatMul", s.broadcast(2)));
    table.one(
        Sum.class,
        (op, s) -> {
          long[] axes = op.axes().stream().mapToLong(Integer::longValue).toArray();
          return s.node("ReduceSum", s.x(0), s.longs("axes", axes));
        });
    table.one(
        LogSumExp.class, (op, s) -> s.node("ReduceLogSumExp", s.x(0), s.longs("axes", op.axis())));
    table.many(Max.class, (op, s) -> extreme(s, "Max", op.axis()));
    table.many(Min.class, (op, s) -> extreme(s, "Min", op.axis()));
    table.one(ArgMax.class, (op, s) -> s.node("ArgMax", along(op.axis()), s.x(0)));
    table.one(
        Cumsum.class,
        (op, s) -> s.node("CumSum", s.x(0), s.longs("axis", s.shape(0).axis("cumsum", op.axis()))));
    table.one(Softmax.class, (op, s) -> s.node("Softmax", along(op.axis()), s.x(0)));
    table.one(LogSoftmax.class, (op, s) -> s.node("LogSoftmax", along(op.axis()), s.x(0)));
    table.one(RowNorm.class, ExportReductions::rowNorm);
    table.one(RowRms.class, ExportReductions::rowRms);
    table.many(ChannelNorm.class, ExportReductions::channelNorm);
    table.one(FrozenNorm.class, ExportReductions::frozenNorm);
    table.one(MaskedSoftmax.class, ExportReductions::maskedSoftmax);
  }

  private static String rowNorm(RowNorm op, ExportStep s) {
    if (s.shape(0).size(-1) == 0) {
      return s.node("Identity", s.x(0)); // runtimes refuse rows of nothing
    }
    Map<String, Attribute> attributes =
        Map.of("axis", whole(-1), "epsilon", new Attribute.Real((float) op.eps()));
    return s.node("LayerNormalization", attributes, s.x(0), s.x(1), s.x(2));
  }

  private static String rowRms(RowRms op, ExportStep s) {
    String squares = s.node("ReduceMean", s.node("Mul", s.x(0), s.x(0)), s.longs("axes", -1));
    String root = s.node("Sqrt", s.node("Add", squares, s.number(op.eps())));
    return s.node("Mul", s.node("Div", s.x(0), root), s.x(1));
  }

  private static String frozenNorm(FrozenNorm op, ExportStep s) {
    Map<String, Attribute> epsilon = Map.of("epsilon", new Attribute.Real((float) op.eps()));
    String[] in = new String[5];
    for (int i = 0; i < in.length; i++) {
      in[i] = s.in().get(i).meta().dtype() == s.dtype() ? s.x(i) : s.cast(s.x(i), s.dtype());
    }
    return s.node("BatchNormalization", epsilon, in);
  }

  /** Taken apart: there is an operator, but runtimes that only infer do not have it. */
  private static List<String> channelNorm(ChannelNorm op, ExportStep s) {
    int rank = s.shape(0).rank();
    String axes =
        s.longs("axes", IntStream.range(0, rank).filter(i -> i != 1).asLongStream().toArray());
    long[] one = new long[rank];
    Arrays.fill(one, 1);
    one[1] = s.shape(0).size(1);
    String mean = s.node("ReduceMean", s.x(0), axes);
    String centred = s.node("Sub", s.x(0), mean);
    String variance = s.node("ReduceMean", s.node("Mul", centred, centred), axes);
    String deviation = s.node("Sqrt", s.node("Add", variance, s.number(op.eps())));
    String scaled = s.node("Mul", s.node("Div", centred, deviation), s.reshape(s.x(1), one));
    return List.of(
        s.node("Add", scaled, s.reshape(s.x(2), one)),
        s.cast(s.reshape(mean, one[1]), DType.F64),
        s.cast(s.reshape(variance, one[1]), DType.F64));
  }

  private static List<String> extreme(ExportStep s, String which, int axis) {
    return List.of(
        s.node("Reduce" + which, s.x(0), s.longs("axes", axis)),
        s.node("Arg" + which, along(axis), s.x(0)));
  }

  /** −∞ where nothing is to be seen, and 0 there at last, also where that gave NaN. */
  private static String maskedSoftmax(MaskedSoftmax op, ExportStep s) {
    String hidden = s.number(Double.NEGATIVE_INFINITY);
    String seen = s.node("Where", s.x(1), s.x(0), hidden);
    return s.node("Where", s.x(1), s.node("Softmax", along(op.axis()), seen), s.number(0));
  }
}
