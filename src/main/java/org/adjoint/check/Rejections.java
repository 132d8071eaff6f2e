package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.adjoint.op.OpSpec.Rejection;

/** Whether what an operation cannot do is refused, in one line that says what and why. */
public final class Rejections {
  /** A device that no test has to have: only shapes are inferred on it. */
  private static final Device ELSEWHERE = new Device("cuda", 0);

  private static final List<DType> DTYPES = List.of(DType.BOOL, DType.I64, DType.F64);

  private Rejections() {}

  /** The calls that a spec lists must throw with the message that it lists. */
  static void listed(OpSpec spec, Tally tally) {
    int number = 0;
    for (Rejection rejection : spec.rejections()) {
      tally.during(
          "rejection " + ++number,
          () -> {
            String said;
            try {
              said = "nothing: it returned " + rejection.call().get();
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
              said = String.valueOf(e.getMessage());
            }
            if (!said.equals(rejection.message())) {
              tally.fail("expected '" + rejection.message() + "', got '" + said + "'");
            }
          });
    }
  }

  /**
   * An example's inputs with one thing changed: device, dtype (also of all), or rank. The
   * operation's infer takes that, or refuses it in one line that begins with its name.
   *
   * @return how many were refused
   */
  static int changed(Op op, Example example, Tally tally) {
    Meta[] fair =
        Arrays.stream(Inputs.fair(example).tensors(DType.F32))
            .map(Tensor::meta)
            .toArray(Meta[]::new);
    int refused = 0;
    for (int i = 0; i < fair.length; i++) {
      for (Meta change : changes(fair[i])) {
        Meta[] in = fair.clone();
        in[i] = change;
        boolean moved = !change.device().equals(fair[i].device());
        refused += infer(op, in, moved && in.length > 1, tally) ? 0 : 1;
      }
    }
    for (DType dtype : DTYPES) {
      Meta[] in = fair.clone();
      for (int i = 0; i < in.length; i++) {
        in[i] = in[i].dtype().isFloating() ? in[i].with(dtype) : in[i];
      }
      refused += infer(op, in, false, tally) ? 0 : 1;
    }
    return refused;
  }

  private static List<Meta> changes(Meta meta) {
    List<Meta> changes = new ArrayList<>();
    changes.add(new Meta(meta.shape(), meta.dtype(), ELSEWHERE));
    for (DType dtype : DTYPES) {
      changes.add(meta.with(dtype));
    }
    changes.add(meta.with(Shape.SCALAR));
    changes.add(meta.with(meta.shape().insert(0, 2)));
    return changes;
  }

  private static boolean infer(Op op, Meta[] in, boolean mustRefuse, Tally tally) {
    String message;
    try {
      op.infer(in);
      if (mustRefuse) {
        tally.fail("took inputs on two devices: " + Arrays.toString(in));
      }
      return true;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      message = String.valueOf(e.getMessage());
    } catch (RuntimeException e) {
      tally.fail("infer of " + Arrays.toString(in) + " threw " + e);
      return false;
    }
    if (!message.startsWith(op.name() + ":") || message.lines().count() != 1) {
      tally.fail("infer of " + Arrays.toString(in) + " said '" + message + "'");
    }
    if (mustRefuse && !(message.contains("cpu") && message.contains(ELSEWHERE.toString()))) {
      tally.fail("a message that names both devices is due, not '" + message + "'");
    }
    return false;
  }
}
