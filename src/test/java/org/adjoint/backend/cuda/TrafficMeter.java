package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Transfer;
import org.adjoint.autograd.View;
import org.adjoint.backend.Operand;
import org.adjoint.check.Inputs;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;

/** Counts what variants move: each in one case, the largest that it takes. */
final class TrafficMeter implements AutoCloseable {
  /** F32, or what else a variant is for. */
  private static final List<DType> DTYPES = List.of(DType.F32, DType.BF16, DType.F16, DType.F64);

  private final Device device;
  private final CudaBackend backend;
  private final GpuClock clock;
  private final boolean poison;

  TrafficMeter(Device device) {
    this.device = device;
    backend = CudaBackend.of(device);
    clock = GpuClock.of(device);
    // To fill new memory with NaN moves bytes as well.
    poison = backend.poison(false);
  }

  @Override
  public void close() {
    backend.poison(poison);
    clock.close();
  }

  /** A line for each variant in the catalog, but for those that leave all to a library. */
  List<TrafficLine> all() {
    return OpCatalog.all().stream().flatMap(spec -> lines(spec).stream()).toList();
  }

  /** Those of one operation; a composition has none. */
  List<TrafficLine> lines(OpSpec spec) {
    List<Example> examples = examples(spec);
    Optional<Op> any = examples.stream().map(Example::op).findFirst();
    List<TrafficLine> lines = new ArrayList<>();
    if (spec.type() == null || any.isEmpty() || any.get().cpuOnly() != null || moves(any.get())) {
      return lines;
    }
    for (Variant variant : Variants.of(any.get())) {
      String name = variant.name();
      Stream<Example> all = Stream.concat(TrafficCases.of(spec, name).stream(), examples.stream());
      (Variant.isLibrary(name) ? Stream.<Case>empty() : cases(all.toList()))
          .map(one -> line(spec, name, one))
          .flatMap(Optional::stream)
          .findFirst()
          .ifPresent(lines::add);
    }
    return lines;
  }

  /** A view copies nothing, and a copy between devices is no kernel's. */
  private static boolean moves(Op op) {
    return op instanceof View || op instanceof Transfer;
  }

  private record Case(Example example, DType dtype) {}

  private static Stream<Case> cases(List<Example> examples) {
    return DTYPES.stream()
        .flatMap(dtype -> examples.stream().map(example -> new Case(example, dtype)));
  }

  /** Those of the spec, the largest first. */
  private static List<Example> examples(OpSpec spec) {
    ToLongFunction<Example> elements =
        example -> example.inputs().stream().mapToLong(draw -> draw.shape().count()).sum();
    return Stream.concat(spec.examples().stream(), spec.large().stream())
        .filter(example -> example.op() != null)
        .sorted(Comparator.comparingLong(elements).reversed())
        .toList();
  }

  /** Nothing if the variant does not take this case, or none of it is seen. */
  private Optional<TrafficLine> line(OpSpec spec, String variant, Case one) {
    Op op = Objects.requireNonNull(one.example.op());
    try (Scope _ = Scope.open()) {
      Tensor[] x =
          Grad.off(() ->
              Arrays.stream(Inputs.fair(one.example).tensors(one.dtype))
                  .map(tensor -> tensor.to(device))
                  .toArray(Tensor[]::new));
      Operand[] in =
          Arrays.stream(x).map(t -> new Operand(t.storage(), t.layout())).toArray(Operand[]::new);
      Meta[] given = Arrays.stream(x).map(Tensor::meta).toArray(Meta[]::new);
      backend.synchronize();
      TestGpu.schedule(1);
      LaunchCounter.Counts counts =
          Objects.requireNonNull(
              clock.count(
                  () -> {
                    Object _ = Choice.with(op.getClass(), variant, () -> run(op, x));
                  },
                  spec.broadcast(in)));
      return counts.moved() == 0
          ? Optional.empty()
          : Optional.of(
              TrafficLine.of(
                  spec.name(),
                  variant,
                  one.dtype.toString(),
                  one.example.label(),
                  op.bytes(given, op.infer(given)),
                  counts));
    } catch (NoKernelException e) {
      return Optional.empty();
    }
  }

  private static Tensor[] run(Op op, Tensor... x) {
    return Grad.off(() -> Tensor.apply(op, x));
  }
}
