package org.adjoint.bench.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.Simd;
import org.adjoint.check.Check;
import org.adjoint.check.Failure;
import org.adjoint.nn.Conv;
import org.adjoint.nn.Layer;
import org.adjoint.nn.LayerNorm;
import org.adjoint.nn.Lstm;
import org.adjoint.nn.Sequential;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.LeNet;

/** Adjoint at work, as a user would write it: tensors, a scope, and a backward on the tape. */
final class AdjointJobs {
  private static final Philox UNUSED = new Philox(0); // parameters are overwritten by Fill
  private static final int EAGER_CALLS = 100;

  private AdjointJobs() {}

  static Map<String, String> versions() {
    return Map.of("java", Runtime.version().toString(), "simd", Simd.best().name());
  }

  static Optional<Job> job(String work) {
    return Optional.ofNullable(
        switch (work) {
          case "sgemm-512" -> sgemm(512);
          case "sgemm-1024" -> sgemm(1024);
          case "sgemm-2048" -> sgemm(2048);
          case "lenet-100" -> lenet();
          case "conv-1x28-32" -> conv(false, 1, 28, 32);
          case "conv-32x12-64" -> conv(true, 32, 12, 64);
          case "softmax-4096x1024" -> forward(x -> x.softmax(1));
          case "softmax-grad-4096x1024" -> gradient(x -> x.softmax(1));
          case "layernorm-4096x1024" -> forward(filled(new LayerNorm(1024)));
          case "layernorm-grad-4096x1024" -> gradient(filled(new LayerNorm(1024)));
          case "lstm-256" ->
              gradient(
                  filled(new Lstm(256, 256, UNUSED)),
                  Fill.tensor(1, 2, 64, 32, 256).requireGrad(),
                  Fill.tensor(2, 1, 64, 32, 256));
          case "eager-add-10" -> eager();
          case "start" -> start();
          case "checks" -> new Job(1, AdjointJobs::checks, List::of);
          default -> null;
        });
  }

  private static Job sgemm(int n) {
    Tensor a = Fill.tensor(1, 1, n, n).requireGrad();
    Tensor b = Fill.tensor(2, 1, n, n).requireGrad();
    return of(1, () -> new Tensor[] {a.matmul(b)});
  }

  private static Job forward(Layer layer) {
    Tensor x = Fill.tensor(1, 4, 4096, 1024).requireGrad();
    return of(1, () -> new Tensor[] {layer.forward(x)});
  }

  private static Job gradient(Layer layer) {
    return gradient(
        layer, Fill.tensor(1, 4, 4096, 1024).requireGrad(), Fill.tensor(2, 1, 4096, 1024));
  }

  /** Forward and backward; the results are y and the gradients of x and of the parameters. */
  private static Job gradient(Layer layer, Tensor x, Tensor dy) {
    List<Tensor> leaves = new ArrayList<>();
    if (x.requiresGrad()) {
      leaves.add(x);
    }
    leaves.addAll(layer.parameters().values());
    return of(
        1,
        () -> {
          leaves.forEach(Tensor::zeroGrad);
          Tensor y = layer.forward(x);
          Backwards.from(y, dy);
          return results(y, leaves);
        });
  }

  private static Job conv(boolean inputGrad, int in, int size, int out) {
    Tensor x = Fill.tensor(1, 2, 64, in, size, size);
    int side = size - 4;
    return gradient(
        filled(new Conv(in, out, 5, UNUSED)),
        inputGrad ? x.requireGrad() : x,
        Fill.tensor(2, 1, 64, out, side, side));
  }

  /** A step of the sample's training: loss, backward, plain gradient descent. */
  private static Job lenet() {
    Tensor images = Fill.tensor(1, 2, 100, 1, 28, 28);
    long[] digits = new long[100];
    for (int i = 0; i < digits.length; i++) {
      digits[i] = (long) ((Fill.at(2, i) + 0.5) * 10);
    }
    Tensor labels = Tensor.of(digits);
    Sequential model = LeNet.network(UNUSED);
    Supplier<Tensor[]> step = step(model, images, labels);
    Supplier<List<Double>> check =
        () -> {
          filled(model);
          return fingerprint(step);
        };
    return new Job(1, () -> scoped(step), check);
  }

  private static Supplier<Tensor[]> step(Sequential model, Tensor images, Tensor labels) {
    Sgd sgd = new Sgd(model, 0.01);
    List<Tensor> parameters = List.copyOf(model.parameters().values());
    return () -> {
      Tensor loss = model.forward(images).crossEntropy(labels);
      sgd.zeroGrad();
      loss.backward();
      sgd.step();
      return results(loss, parameters);
    };
  }

  private static Job eager() {
    Tensor x = Fill.tensor(1, 1, 10).requireGrad();
    Tensor y = Fill.tensor(2, 1, 10).requireGrad();
    return of(
        EAGER_CALLS,
        () -> {
          Tensor z = x.add(y);
          for (int i = 1; i < EAGER_CALLS; i++) {
            z = x.add(y);
          }
          return new Tensor[] {z};
        });
  }

  private static Job start() {
    return new Job(1, FirstMatmul::inAnotherJvm, () -> List.of(FirstMatmul.inAnotherJvm()));
  }

  private static int checks() {
    for (OpSpec spec : OpCatalog.all()) {
      for (Check check : List.of(Check.FIRST_DERIVATIVE, Check.SECOND_DERIVATIVE)) {
        for (Failure failure : check.on(spec).failures()) {
          throw new IllegalStateException(failure.toString());
        }
      }
    }
    return OpCatalog.all().size();
  }

  private static Job of(int calls, Supplier<Tensor[]> body) {
    return new Job(calls, () -> scoped(body), () -> fingerprint(body));
  }

  private static Tensor[] scoped(Supplier<Tensor[]> body) {
    try (Scope _ = Scope.open()) {
      return body.get();
    }
  }

  private static List<Double> fingerprint(Supplier<Tensor[]> body) {
    try (Scope _ = Scope.open()) {
      return Fingerprint.of(body.get());
    }
  }

  private static Tensor[] results(Tensor y, List<Tensor> leaves) {
    Tensor[] results = new Tensor[1 + leaves.size()];
    results[0] = y;
    for (int i = 0; i < leaves.size(); i++) {
      results[i + 1] = leaves.get(i).grad();
    }
    return results;
  }

  /** The layer with parameters that every contender can make: the p-th is operand 10 + p. */
  private static <T extends Layer> T filled(T layer) {
    int p = 10;
    for (Tensor parameter : layer.parameters().values()) {
      long fanIn = parameter.rank() < 2 ? 100 : parameter.shape().count() / parameter.size(0);
      try (Tensor values =
          Fill.tensor(p++, 2 / Math.sqrt((double) fanIn), parameter.shape().toArray())) {
        parameter.assign(values);
      }
    }
    return layer;
  }
}
