package org.adjoint.check;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Scope;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;

/**
 * The bits of outputs and gradients of many calls, boiled down to one line. Started as a program,
 * it takes a number of steps and names of operations (none: all of them), and writes two lines: the
 * digest at its start and, to see what the compiler has done to them, after so many steps.
 */
public final class Digest {
  private static final int TRAINING_STEPS = 20;

  private final MessageDigest digest;

  private Digest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Writes the digests of a cold and of a warm start. */
  public static void main(String[] args) {
    int steps = Integer.parseInt(args[0]);
    List<OpSpec> specs = named(List.of(args).subList(1, args.length));
    String cold = of(specs);
    warmUp(steps, specs);
    System.out.println(cold + "\n" + of(specs));
  }

  static List<OpSpec> named(List<String> names) {
    return OpCatalog.all().stream()
        .filter(spec -> names.isEmpty() || names.contains(spec.name()))
        .toList();
  }

  /** Runs the same code often enough to be compiled, and compiled again. */
  static void warmUp(int steps, List<OpSpec> specs) {
    SmallNet net = narrow();
    for (int step = 0; step < steps; step++) {
      net.step();
      if (step % 500 == 0) {
        of(specs);
      }
    }
  }

  /** The digest, in F32, of all examples, of a training, and of a step wide enough for threads. */
  static String of(List<OpSpec> specs) {
    Digest digest = new Digest();
    for (OpSpec spec : specs) {
      for (Example example : spec.examples()) {
        try (Scope _ = Scope.open()) {
          digest.add(Run.of(example.call(), Inputs.fair(example).tensors(DType.F32)));
        }
      }
    }
    SmallNet net = narrow();
    for (int step = 0; step < TRAINING_STEPS; step++) {
      net.step();
    }
    digest.add(net.run());
    digest.add(new SmallNet(300, 8, 256, 4).run());
    return HexFormat.of().formatHex(digest.digest.digest());
  }

  private static SmallNet narrow() {
    return new SmallNet(16, 20, 24, 5);
  }

  private void add(Run run) {
    run.outputs().forEach(this::add);
    run.gradients().forEach(this::add);
  }

  private void add(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length);
    for (double value : values) {
      bytes.putLong(Double.doubleToLongBits(value)); // which makes all NaN one
    }
    digest.update(bytes.array());
  }
}
