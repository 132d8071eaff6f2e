package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.backend.cuda.GpuClock;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.adjoint.backend.cuda.NoKernelException;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * A case of an operation, its operands on the device, and a {@link Trial} for each variant that
 * takes them. Close it: it holds memory, in a scope of the thread.
 */
public final class Trials implements AutoCloseable {
  private final KernelTimer timer;
  private final OpSpec spec;
  private final DType dtype;
  private final Op op;
  private final Example example;
  private final CudaBackend backend;
  private final Scope scope;
  private final Meta[] given;
  private final Meta[] results;
  private final Operand[] in;
  private final Operand[] out;
  private final @Nullable Variant chosen;
  private final List<Trial> all = new ArrayList<>();

  Trials(KernelTimer timer, OpSpec spec, DType dtype, Op op, Draw... draws) {
    this.timer = timer;
    this.spec = spec;
    this.dtype = dtype;
    this.op = op;
    example = Example.of(op, draws);
    backend = CudaBackend.of(timer.device());
    scope = Scope.open();
    Tensor[] x =
        Grad.off(() ->
            Arrays.stream(Inputs.fair(example).tensors(dtype))
                .map(tensor -> tensor.to(timer.device()))
                .toArray(Tensor[]::new));
    given = Arrays.stream(x).map(Tensor::meta).toArray(Meta[]::new);
    results = op.infer(given);
    in = Arrays.stream(x).map(Trials::operand).toArray(Operand[]::new);
    out = IntStream.range(0, results.length).mapToObj(this::result).toArray(Operand[]::new);
    chosen = chosen();
    for (Variant variant : Variants.of(op)) {
      if (variant.supports().test(in, out)) {
        all.add(new Trial(this, variant));
      }
    }
  }

  private Operand result(int i) {
    return op instanceof InPlace step
        ? in[step.overwritten(i, given.length, results.length)]
        : operand(Tensor.zeros(results[i]));
  }

  private static Operand operand(Tensor x) {
    return new Operand(x.storage(), Layout.contiguous(x.shape()));
  }

  private @Nullable Variant chosen() {
    try {
      return backend.chosen(op, in, out);
    } catch (NoKernelException e) {
      return null;
    }
  }

  /** Those of the variants that take the operands, the best first. */
  public List<Trial> all() {
    return List.copyOf(all);
  }

  /** Those whose variants have such names. */
  public List<Trial> all(Predicate<String> variants) {
    return all.stream().filter(trial -> variants.test(trial.variant())).toList();
  }

  @Override
  public void close() {
    scope.close();
  }

  OpSpec spec() {
    return spec;
  }

  Device device() {
    return timer.device();
  }

  DType dtype() {
    return dtype;
  }

  Op op() {
    return op;
  }

  Example example() {
    return example;
  }

  GpuClock clock() {
    return timer.clock();
  }

  boolean isReal() {
    return timer.isReal();
  }

  double copyRate() {
    return timer.copyRate();
  }

  Tally proof(Variant variant) {
    return timer.proof(spec, variant);
  }

  boolean isChosen(Variant variant) {
    return chosen != null && chosen.name().equals(variant.name());
  }

  String shapes() {
    return example.inputs().stream()
        .map(draw -> draw.shape().toString())
        .collect(Collectors.joining(" "));
  }

  long elements() {
    return Arrays.stream(given).mapToLong(meta -> meta.shape().count()).sum();
  }

  long bytes() {
    return op.bytes(given, results);
  }

  double flop() {
    return op.flop(given, results);
  }

  /** What one launch does on an emulated GPU, to fill fresh memory not counted; else null. */
  @Nullable Counts counts(Variant variant) {
    boolean before = backend.poison(false);
    try {
      return clock().count(() -> launch(variant, 1), spec.broadcast(in));
    } finally {
      backend.poison(before);
    }
  }

  /** Does {@code work} while fresh memory holds NaN. */
  void poisoned(Runnable work) {
    boolean before = backend.poison(true);
    try {
      work.run();
    } finally {
      backend.poison(before);
    }
  }

  /** Queues {@code many} launches. */
  void launch(Variant variant, int many) {
    @Nullable Object _ =
        Choice.with(
            op.getClass(),
            variant.name(),
            () -> {
              for (int i = 0; i < many; i++) {
                backend.run(op, in, out);
              }
              return many;
            });
  }
}
