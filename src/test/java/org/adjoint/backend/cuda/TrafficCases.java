package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.adjoint.Shape;
import org.adjoint.autograd.Op;
import org.adjoint.op.ArgMax;
import org.adjoint.op.ChannelNorm;
import org.adjoint.op.Concat;
import org.adjoint.op.Conv;
import org.adjoint.op.Cumsum;
import org.adjoint.op.Draw;
import org.adjoint.op.Dropout;
import org.adjoint.op.FrozenNorm;
import org.adjoint.op.Gather;
import org.adjoint.op.IndexSelect;
import org.adjoint.op.LogSoftmax;
import org.adjoint.op.LogSumExp;
import org.adjoint.op.LstmCell;
import org.adjoint.op.MaskedSoftmax;
import org.adjoint.op.MatMul;
import org.adjoint.op.Max;
import org.adjoint.op.MaxPool;
import org.adjoint.op.Min;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.adjoint.op.Pieces;
import org.adjoint.op.Remainder;
import org.adjoint.op.RowNorm;
import org.adjoint.op.RowRms;
import org.adjoint.op.Slice;
import org.adjoint.op.Sliding;
import org.adjoint.op.Softmax;
import org.adjoint.op.SoftmaxNll;
import org.adjoint.op.Sort;
import org.adjoint.op.Sum;
import org.adjoint.op.Unrolled;
import org.adjoint.op.UnrolledGradient;

/**
 * Cases of operations whose specs have none that shows how a kernel walks memory: some blocks,
 * whole packs, rows that are longer than a warp takes at once.
 */
final class TrafficCases {
  /** Rows for blocks, for warps, and for parts of them. */
  private static final List<Shape> ROWS =
      List.of(Shape.of(12, 1024), Shape.of(40, 128), Shape.of(200, 24));

  private static final List<Shape> COLUMNS = List.of(Shape.of(3, 96, 40));
  private static final Shape MAPS = Shape.of(2, 4, 32, 32);
  private static final SoftmaxNll NLL = new SoftmaxNll(SoftmaxNll.NONE, 0);
  private static final Unrolled LSTM = new Unrolled(new LstmCell(), List.of(8L, 8L), false);

  private TrafficCases() {}

  /** Those of a variant; the first that it takes is meant. */
  static List<Example> of(OpSpec spec, String variant) {
    Function<Shape, Draw> normal = Draw::normal;
    List<Shape> shapes = List.of("columns", "strip").contains(variant) ? COLUMNS : ROWS;
    return switch (spec.name()) {
      case "softmax" -> along(shapes, Softmax::new, normal);
      case "softmax.grad" -> along(shapes, Softmax.Grad::new, normal, normal);
      case "masked_softmax" -> along(shapes, MaskedSoftmax::new, normal, Draw::mask);
      case "log_softmax" -> along(shapes, LogSoftmax::new, normal);
      case "log_softmax.grad" -> along(shapes, LogSoftmax.Grad::new, normal, normal);
      case "logsumexp" -> along(shapes, LogSumExp::new, normal);
      case "max" -> along(shapes, Max::new, normal);
      case "min" -> along(shapes, Min::new, normal);
      case "argmax" -> along(shapes, ArgMax::new, normal);
      case "cumsum" -> along(shapes, Cumsum::new, normal);
      case "sort" -> along(shapes, axis -> new Sort(axis, false), normal);
      case "sum" -> along(shapes, axis -> new Sum(List.of(axis)), normal);
      case "softmax_nll" -> shapes.stream().map(x -> nll(NLL, false, x)).toList();
      case "softmax_nll.input_grad" ->
          shapes.stream().map(x -> nll(new SoftmaxNll.InputGrad(NLL), true, x)).toList();
      case "row_norm" -> norms(new RowNorm(1e-5), 1, 1);
      case "row_norm.grad" -> norms(new RowNorm.Grad(1e-5), 1, 2);
      case "row_rms" -> norms(new RowRms(1e-5), 1);
      case "row_rms.grad" -> norms(new RowRms.Grad(1e-5), 1, 2);
      case "channel_norm" -> channels(new ChannelNorm(1e-5), 1, 1);
      case "channel_norm.grad" -> channels(new ChannelNorm.Grad(1e-5), 1, MAPS.rank(), 1, 1, 1, 1);
      case "frozen_norm" -> channels(new FrozenNorm(1e-5), 1, 1, 1, 1);
      case "dropout" -> one(new Dropout(0.5, 7, 0), Draw.normal(4099));
      case "remainder" -> one(new Remainder(), Draw.normal(2059), Draw.positive(2059));
      case "concat" -> one(new Concat(1), Draw.normal(12, 256), Draw.normal(12, 128));
      case "pieces" -> one(new Pieces(1, List.of(256L, 128L)), Draw.normal(12, 384));
      case "slice.embed" ->
          one(new Slice.Embed(new Slice(1, 64, 128, 1), Shape.of(12, 256)), Draw.normal(12, 128));
      case "gather" -> one(new Gather(1), Draw.normal(12, 256), Draw.index(256, 12, 256));
      case "gather.scatter_add" ->
          one(new Gather.ScatterAdd(1, 256), Draw.normal(12, 256), Draw.index(256, 12, 256));
      case "index_select" -> one(new IndexSelect(0), Draw.normal(64, 256), Draw.index(64, 40));
      case "index_select.add" ->
          one(new IndexSelect.Add(0, 64), Draw.normal(40, 256), Draw.index(64, 40));
      case "max_pool" -> one(halves(), Draw.apart(MAPS));
      case "max_pool.input_grad" ->
          one(
              new MaxPool.InputGrad(halves(), MAPS),
              Draw.normal(2, 4, 16, 16),
              Draw.index(32 * 32, 2, 4, 16, 16));
      case "conv.input_grad" ->
          one(
              new Conv.InputGrad(new Conv(Sliding.over(2).withPadding(1), 1), MAPS),
              Draw.normal(2, 8, 32, 32),
              Draw.normal(8, 4, 3, 3));
      case "matmul" -> one(new MatMul(), Draw.normal(96, 64), Draw.normal(64, 128));
      case "fused_attention" -> one(any(spec), heads(3));
      case "fused_attention_gradient" ->
          one(
              any(spec),
              Stream.of(heads(4), new Draw[] {Draw.normal(2, 48)}, heads(1))
                  .flatMap(Arrays::stream)
                  .toArray(Draw[]::new));
      // Two steps of 8 rows of 32 elements, of which each has four gates.
      case "unrolled" ->
          one(
              LSTM,
              Draw.normal(16, 128),
              Draw.normal(128),
              Draw.normal(128, 32),
              Draw.normal(8, 32),
              Draw.normal(8, 32));
      case "unrolled_gradient" ->
          one(
              new UnrolledGradient(LSTM, 8),
              Draw.normal(128, 32),
              Draw.normal(16, 32 * LSTM.cell().kept()),
              Draw.normal(16, 32),
              Draw.normal(16, 32),
              Draw.normal(16, 32));
      default -> List.of();
    };
  }

  private static List<Example> one(Op op, Draw... inputs) {
    return List.of(Example.of(op, inputs));
  }

  private static Op any(OpSpec spec) {
    return Objects.requireNonNull(spec.examples().getFirst().op());
  }

  @SafeVarargs
  private static List<Example> along(
      List<Shape> shapes, IntFunction<Op> op, Function<Shape, Draw>... inputs) {
    return shapes.stream()
        .map(shape ->
            Example.of(
                op.apply(1), Arrays.stream(inputs).map(of -> of.apply(shape)).toArray(Draw[]::new)))
        .toList();
  }

  /** x and its labels, and for the gradient three numbers of each row. */
  private static Example nll(Op op, boolean gradient, Shape x) {
    long[] rows = Shape.of(x.countBefore(1)).concat(x.slice(2, x.rank())).toArray();
    List<Draw> inputs = new ArrayList<>(List.of(Draw.normal(x), Draw.index(x.size(1), rows)));
    for (int i = 0; gradient && i < 3; i++) {
      inputs.add(Draw.positive(rows));
    }
    return Example.of(op, inputs.toArray(Draw[]::new));
  }

  /** x, and then for each rank a number of each of {@code count} channels, or what x is. */
  private static List<Example> normed(Op op, Shape x, long count, int... ranks) {
    List<Draw> inputs = new ArrayList<>(List.of(Draw.normal(x)));
    for (int rank : ranks) {
      inputs.add(rank == 1 ? Draw.positive(count) : Draw.normal(x));
    }
    return one(op, inputs.toArray(Draw[]::new));
  }

  private static List<Example> norms(Op op, int... ranks) {
    return normed(op, Shape.of(24, 512), 512, ranks);
  }

  private static List<Example> channels(Op op, int... ranks) {
    return normed(op, MAPS, MAPS.size(1), ranks);
  }

  private static MaxPool halves() {
    return new MaxPool(List.of(2, 2), Sliding.over(2).withStride(2), false);
  }

  private static Draw[] heads(int count) {
    Draw[] heads = new Draw[count];
    Arrays.fill(heads, Draw.normal(2, 48, 32));
    return heads;
  }
}
