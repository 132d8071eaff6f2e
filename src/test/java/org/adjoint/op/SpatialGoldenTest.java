package org.adjoint.op;

import static org.adjoint.op.Reduction.MEAN;
import static org.adjoint.op.Reduction.NONE;
import static org.adjoint.op.Reduction.SUM;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolution, pooling, normalisation, resizing, losses and embedding against PyTorch. */
class SpatialGoldenTest {
  private static final String FILE = "spatial.txt";
  private static final double ULPS = 64;

  private static final Map<String, Function<Tensor[], Tensor>> CALLS = new HashMap<>();

  private static final Tensor WEIGHTS = Tensor.of(0.5, 2, 1.25);
  private static final Tensor MEANS = Tensor.of(0.25, -1, 0.5);
  private static final Tensor VARIANCES = Tensor.of(0.75, 2, 1.5);

  private static void call(String name, Function<Tensor[], Tensor> call) {
    CALLS.put(name, call);
  }

  static {
    Sliding two = Sliding.over(2).withStride(2);
    call(
        "conv_transpose 1d",
        x ->
            ConvTranspose.of(
                x[0],
                x[1],
                Sliding.over(1).withStride(3).withPadding(1).withDilation(2),
                List.of(2),
                1));
    call(
        "conv_transpose 2d",
        x ->
            ConvTranspose.of(
                x[0],
                x[1],
                Sliding.over(2).withStride(2, 3).withPadding(1, 0).withDilation(1, 2),
                List.of(1, 2),
                2));
    call("conv_transpose 3d", x -> ConvTranspose.of(x[0], x[1], Sliding.over(3).withStride(2)));

    call("max_pool ceil", x -> MaxPool.of(x[0], two, true, 3, 3));
    call(
        "max_pool ceil padded",
        x -> MaxPool.of(x[0], Sliding.over(1).withStride(3).withPadding(1), true, 2));
    Sliding dilated = Sliding.over(2).withStride(2, 3).withPadding(1, 0).withDilation(1, 2);
    call("max_pool ceil dilated", x -> MaxPool.of(x[0], dilated, true, 3, 2));
    call("max_pool indices", x -> MaxPool.picked(x[0], two, true, 3, 3).indices());
    call("avg_pool", x -> AvgPool.of(x[0], 2));
    call("avg_pool counted", x -> AvgPool.of(x[0], two.withPadding(1), false, true, 3, 2));
    call("avg_pool uncounted", x -> AvgPool.of(x[0], two.withPadding(1), false, false, 3, 2));
    Sliding mixed = Sliding.over(2).withStride(2, 3).withPadding(1, 0);
    call("avg_pool ceil counted", x -> AvgPool.of(x[0], mixed, true, true, 3));
    Sliding volume = Sliding.over(3).withStride(3).withPadding(1);
    call("avg_pool ceil uncounted", x -> AvgPool.of(x[0], volume, true, false, 2));
    call("adaptive_avg_pool", x -> AdaptiveAvgPool.of(x[0], 3, 2));
    call("adaptive_avg_pool more", x -> AdaptiveAvgPool.of(x[0], 7));
    call("adaptive_max_pool", x -> AdaptiveMaxPool.of(x[0], 3, 2));
    call("adaptive_max_pool indices", x -> AdaptiveMaxPool.picked(x[0], 2).indices());
    call("max_unpool", x -> unpooled(x[0], two, 2));
    call("max_unpool overlapping", x -> unpooled(x[0], two, 3));

    call("layer_norm", x -> LayerNorm.of(x[0], Shape.of(3, 4), x[1], x[2], 1e-5));
    call("rms_norm", x -> RmsNorm.of(x[0], Shape.of(5), x[1], 1e-6));
    call("group_norm", x -> GroupNorm.of(x[0], 2, x[1], x[2], 1e-5));
    call("instance_norm", x -> InstanceNorm.of(x[0], x[1], x[2], 1e-3));
    call("batch_norm training", x -> BatchNorm.training(x[0], x[1], x[2], null, null, 0.1, 1e-5));
    call(
        "batch_norm evaluating",
        x -> BatchNorm.evaluating(x[0], x[1], x[2], MEANS, VARIANCES, 1e-5));
    call("batch_norm running mean", x -> running(x)[0]);
    call("batch_norm running variance", x -> running(x)[1]);
    call("lrn", x -> Lrn.of(x[0], 5, 0.5, 0.75, 2));
    call("lrn even", x -> Lrn.of(x[0], 4, 0.5, 0.75, 1));

    call("pixel_shuffle", x -> PixelShuffle.of(x[0], 2));
    call("pixel_unshuffle", x -> PixelUnshuffle.of(x[0], 3));
    call("resize nearest", x -> Resize.nearest(x[0], 5, 3));
    call("resize nearest volume", x -> Resize.nearest(x[0], 3, 2, 5));
    call("resize nearest by 2.5", x -> Resize.nearestBy(x[0], 2.5));
    call("resize linear", x -> Resize.linear(x[0], false, 7));
    call("resize bilinear", x -> Resize.linear(x[0], false, 5, 3));
    call("resize bilinear corners", x -> Resize.linear(x[0], true, 5, 3));
    call("resize bilinear by 2", x -> Resize.linearBy(x[0], false, 2));
    call("resize bilinear by 1.7", x -> Resize.linearBy(x[0], false, 1.7));
    call("resize bilinear by 1.7 corners", x -> Resize.linearBy(x[0], true, 1.7));
    call("resize trilinear", x -> Resize.linear(x[0], true, 3, 5, 1));

    call("nll", x -> Nll.of(x[0], x[1]));
    call("nll weights", x -> Nll.of(x[0], x[1], WEIGHTS, 1, MEAN));
    call("nll none", x -> Nll.of(x[0], x[1], WEIGHTS, -7, NONE));
    call("nll sum", x -> Nll.of(x[0], x[1], WEIGHTS, Nll.IGNORE, SUM));
    for (Reduction reduction : List.of(MEAN, SUM, NONE)) {
      call(
          "cross_entropy " + reduction.name().toLowerCase(Locale.ROOT),
          x -> CrossEntropy.of(x[0], x[1], WEIGHTS, Nll.IGNORE, 0.1, reduction));
    }
    call("cross_entropy smooth", x -> CrossEntropy.of(x[0], x[1], null, Nll.IGNORE, 0.2, MEAN));
    call(
        "cross_entropy probabilities",
        x -> CrossEntropy.ofProbabilities(x[0], x[1], WEIGHTS, 0.2, MEAN));
    call(
        "cross_entropy probabilities none",
        x -> CrossEntropy.ofProbabilities(x[0], x[1], null, 0, NONE));
    call("bce", x -> Bce.of(x[0], x[1]));
    call("bce weight", x -> Bce.of(x[0], x[1], WEIGHTS, NONE));
    call("bce_with_logits", x -> BceWithLogits.of(x[0], x[1]));
    call(
        "bce_with_logits weights",
        x -> BceWithLogits.of(x[0], x[1], WEIGHTS.reshape(3, 1), VARIANCES, SUM));
    call("bce_with_logits at 0", x -> BceWithLogits.of(x[0], x[1], null, null, NONE));
    call("l1", x -> L1.of(x[0], x[1]));
    call("l1 none", x -> L1.of(x[0], x[1], NONE));
    call("huber", x -> Huber.of(x[0], x[1], 0.7, MEAN));
    call("huber none", x -> Huber.of(x[0], x[1], 1.5, NONE));
    call("smooth_l1", x -> Huber.smoothL1(x[0], x[1], 0.7, SUM));
    call("kl_div", x -> KlDiv.of(x[0], x[1], false, Reduction.BATCH_MEAN));
    call("kl_div of logarithms", x -> KlDiv.of(x[0], x[1], true, MEAN));
    call("kl_div none", x -> KlDiv.of(x[0], Tensor.of(0.0, 1, 0.25), false, NONE));
    call("poisson_nll", x -> PoissonNll.of(x[0], x[1], true, false, 1e-8, MEAN));
    call(
        "poisson_nll full",
        x -> PoissonNll.of(x[0], Tensor.arange(5).to(DType.F64), true, true, 1e-8, NONE));
    call("poisson_nll means", x -> PoissonNll.of(x[0], x[1], false, false, 1e-8, SUM));
    call("cosine_similarity", x -> CosineSimilarity.of(x[0], x[1], 1, 1e-8));

    call("embedding", x -> Embedding.of(x[0], x[1]));
    call("embedding padding", x -> Embedding.of(x[0], x[1], 1));
  }

  private static Tensor unpooled(Tensor x, Sliding sliding, int kernel) {
    Picked pooled = MaxPool.picked(x.detach(), sliding, false, kernel, kernel);
    return MaxUnpool.of(pooled.values(), pooled.indices(), x.size(2), x.size(3));
  }

  private static Tensor[] running(Tensor... x) {
    Tensor mean = new Copy().apply(MEANS);
    Tensor variance = new Copy().apply(VARIANCES);
    BatchNorm.training(x[0], null, null, mean, variance, 0.3, 1e-5);
    return new Tensor[] {mean, variance};
  }

  static Stream<Named<Golden>> goldens() {
    try {
      return Golden.read(FILE).stream().map(golden -> Named.of(golden.name(), golden));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void isWhatPyTorchComputes(Golden golden) {
    Function<Tensor[], Tensor> call = CALLS.get(golden.name());
    assertNotNull(call, golden.name());
    golden.check(call, ULPS);
  }

  @Test
  void everyCallHasItsCase() {
    Set<String> names = new HashSet<>();
    goldens().forEach(golden -> names.add(golden.getName()));
    assertEquals(CALLS.keySet(), names);
  }
}
