package org.adjoint.samples;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Conv;
import org.adjoint.samples.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * A convolution that takes a derivative: the kernel (−1, 1) slides along a signal and gives at each
 * place the next value minus this one, y[i] = x[i + 1] − x[i].
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). Expect
 * ones where the signal rises, exactly, from the fast F32 kernel and from the F64 reference.
 *
 * <p>What the lecture, and everybody in this field, calls convolution is cross-correlation: the
 * convolution of mathematics turns the kernel round first. The last line does so, for comparison:
 * its signs are the other way round.
 */
@Command(name = "convolution", description = "a convolution that takes a derivative")
public final class Convolution implements Callable<Integer> {
  private static final float[] SIGNAL = {0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 4};
  private static final float[] KERNEL = {-1, 1};

  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    // [batch, channels, length], and [filters, channels, length]: one of each here.
    Tensor x = Tensor.of(Shape.of(1, 1, SIGNAL.length), SIGNAL);
    Tensor w = Tensor.of(Shape.of(1, 1, KERNEL.length), KERNEL);

    print("signal", x);
    print("kernel", w);
    print("cross-correlation, F32 fast", Conv.of(x, w));
    print("cross-correlation, F64 reference", Conv.of(x.to(DType.F64), w.to(DType.F64)));
    print("kernel flipped", w.flip(2));
    print("true convolution, with it", Conv.of(x, w.flip(2)));
    Lesson.end(run, "convolution", KERNEL.length);
    return 0;
  }

  private static void print(String name, Tensor values) {
    System.out.printf(
        "%-33s %s%n",
        name,
        Arrays.stream(values.toDoubles())
            .mapToObj(value -> value == Math.rint(value) ? "%.0f".formatted(value) : "" + value)
            .collect(Collectors.joining(",", "(", ")")));
  }
}
