package org.adjoint.samples;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.autograd.Launch;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.KernelFile;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.bench.Environment;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.bench.Timings;
import org.adjoint.check.KernelTimer;
import org.adjoint.check.Proof;
import org.adjoint.check.Timing;
import org.adjoint.op.Draw;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.Sigmoid;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A CUDA kernel of one's own, from the file to a network that learns with it: {@code swish.cu} is
 * compiled and launched; {@link Swish} makes an operation of it, with a gradient; both are checked
 * as Adjoint's own are; a third kernel takes the place of one of Adjoint's; and only then is the
 * time taken.
 *
 * <p>Copy {@code swish.cu}, change it, and give it to {@code --kernel}: if it is wrong, that shows,
 * with the shape and the element; on the emulator with the line, if it reads what is not its own.
 */
@Command(name = "own-kernel", description = "a CUDA kernel of one's own: launched, proved, timed")
public final class OwnKernel implements Callable<Integer> {
  private static final double BETA = 1.5;
  private static final int STEPS = 20;

  @Mixin private DeviceOptions run;

  @Option(names = "--kernel", paramLabel = "FILE", description = "instead of the sample's swish.cu")
  private @Nullable Path file;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "elements to take the time of; default 16777216, on the emulator 16384")
  private @Nullable Integer size;

  @Override
  public Integer call() {
    Device gpu = run.device();
    Lesson.require(
        !gpu.equals(Device.CPU),
        "a kernel runs on a GPU: add --device cuda, or --device emulator, which g++ makes");
    Lesson.require(size == null || size >= 1, "--size must be at least 1");
    run.json().ifPresent(ResultFile::requireWritable);
    try {
      KernelFile kernels = KernelFile.of(file == null ? Swish.SOURCE : file);
      Swish swish = new Swish(kernels, BETA);
      launch(kernels, gpu);
      learn(swish, gpu);
      return prove(gpu, swish.spec(), new Swish.Grad(swish).spec())
              && replace(kernels, gpu)
              && measure(swish, gpu)
          ? 0
          : 1;
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      throw new UserError(String.valueOf(e.getMessage()), e); // the file, the compiler, the launch
    }
  }

  /** Try it: one launch on tensors, each argument by the method of its type in C. */
  private static void launch(KernelFile kernels, Device device) {
    Variant.Launcher naive =
        (gpu, in, out) ->
            gpu.call(kernels, "swish_naive_f32")
                .flat(DType.F32, in[0], out[0])
                .int64(out[0].count())
                .float64(BETA)
                .each(out[0].count());
    Tensor x = Tensor.of(-2f, -1, 0, 1, 2).to(device);
    System.out.println("launched   " + Launch.of(naive).apply(x));
  }

  /** Use it: an operation like any other. Which x makes y = 1? */
  private static void learn(Swish swish, Device device) {
    Tensor x = Tensor.of(2f).to(device).requireGrad();
    for (int i = 0; i < STEPS; i++) {
      Tensor off = swish.apply(x).sub(1);
      x.zeroGrad();
      off.mul(off).sum().backward();
      x.assign(x.detach().sub(x.grad().mul(0.2)));
    }
    System.out.println("learned    swish(" + x.item() + ") = " + swish.apply(x).item());
  }

  /** Prove it: derivatives, shapes, views, NaN; every variant against the reference. */
  private static boolean prove(Device device, OpSpec... specs) {
    System.out.println();
    return Proof.of(device, new PrintWriter(System.out, true, System.out.charset()), specs).holds();
  }

  /** Put it beside those of an operation that Adjoint has, by a name. */
  private boolean replace(KernelFile kernels, Device device) {
    try (Variants.Added _ =
        Variants.add(
            Sigmoid.class,
            sigmoid ->
                new Variant(
                    "mine",
                    "F32",
                    (in, out) -> in[0].dtype() == DType.F32,
                    (gpu, in, out) ->
                        gpu.call(kernels, "sigmoid_mine_f32")
                            .flat(DType.F32, gpu.contiguous(in[0]), out[0])
                            .int64(out[0].count())
                            .each(out[0].count())))) {
      Tensor x = Tensor.normal(new Philox(run.seed()), 3).to(device);
      System.out.println();
      System.out.println("by Adjoint " + x.sigmoid());
      System.out.println("by mine    " + Choice.with(Sigmoid.class, "mine", x::sigmoid));
      return prove(device, OpCatalog.of(Sigmoid.class));
    }
  }

  /** Time it, where there is a GPU; where there is none, count what it moves. */
  private boolean measure(Swish swish, Device device) {
    Swish.Grad grad = new Swish.Grad(swish);
    List<Timing> timings = new ArrayList<>();
    try (KernelTimer timer = KernelTimer.on(device)) {
      Draw x = Draw.normal(size != null ? size : timer.isReal() ? 1 << 24 : 1 << 14);
      timings.addAll(timer.time(swish.spec(), DType.F32, swish, x));
      timings.addAll(timer.time(grad.spec(), DType.F32, grad, x, x));
    }
    System.out.println();
    timings.forEach(System.out::println);
    run.json()
        .ifPresent(file ->
            ResultFile.write(
                file, Results.rows(Environment.here(), Timings.rows(device, timings))));
    return timings.stream().allMatch(Timing::holds);
  }
}
