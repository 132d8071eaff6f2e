package org.adjoint.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.backend.Dense;
import org.junit.jupiter.api.Test;

/** Operations of one's own: a class that implements {@link Op} is all it takes. */
class CustomOpTest {
  /** y = x³, whose gradient 3x² is made of tensor calls, and so has gradients in turn. */
  record Cube() implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      return new Meta[] {in[0]};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      for (int i = 0; i < in[0].count(); i++) {
        double x = in[0].data()[i];
        out[0].data()[i] = x * x * x;
      }
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      Tensor x = saved.input(0);
      return new Tensor[] {dy[0].mul(x.mul(x).mul(3))};
    }
  }

  /** What the faulty operations below have in common: y = x, of two inputs. */
  private interface First extends Op {
    @Override
    default Meta[] infer(Meta... in) {
      return new Meta[] {in[0]};
    }

    @Override
    default void reference(Dense[] in, Dense[] out) {
      System.arraycopy(in[0].data(), 0, out[0].data(), 0, out[0].count());
    }
  }

  record Forgetful() implements First {
    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {saved.input(0), saved.output(0)};
    }
  }

  record TooFew() implements First {
    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {dy[0]};
    }
  }

  record WrongShape() implements First {
    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {dy[0].sum(), dy[0]};
    }
  }

  record WrongType() implements First {
    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {dy[0].to(DType.F64), null};
    }
  }

  record Constant() implements First {
    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      return new Tensor[] {dy[0], null};
    }
  }

  /** Notes which gradients it is asked for. */
  record Noting(List<String> asked) implements First {
    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      asked.add(saved.needs(0) + " " + saved.needs(1));
      return new Tensor[] {dy[0], dy[0]};
    }
  }

  /** y = (x, −x) and where x is positive: two outputs with gradients, one without. */
  record Split() implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      return new Meta[] {in[0], in[0], in[0].with(DType.BOOL)};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      for (int i = 0; i < in[0].count(); i++) {
        double x = in[0].data()[i];
        out[0].data()[i] = x;
        out[1].data()[i] = -x;
        out[2].data()[i] = x > 0 ? 1 : 0;
      }
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      assertNull(dy[2], "the mask has no gradient");
      return new Tensor[] {dy[0].sub(dy[1])};
    }
  }

  private static Tensor leaf(float... values) {
    return Tensor.of(values).requireGrad();
  }

  private static String failure(Op op) {
    Tensor y = op.apply(leaf(1, 2), leaf(3, 4)).sum();
    return String.valueOf(assertThrows(IllegalStateException.class, y::backward).getMessage());
  }

  @Test
  void anOwnOperationComputesAndDiffers() {
    Tensor x = leaf(1, 2, -3);

    Tensor y = new Cube().apply(x);

    assertArrayEquals(new float[] {1, 8, -27}, y.toFloats());
    assertArrayEquals(new float[] {3, 12, 27}, Grad.of(y.sum(), x)[0].toFloats());
  }

  @Test
  void itRunsOnViewsAndEveryFloatingType() {
    Tensor x = Tensor.of(1.0, 2, -3).flip(0);

    for (DType dtype : new DType[] {DType.F64, DType.F32, DType.BF16, DType.F16}) {
      assertArrayEquals(new double[] {-27, 8, 1}, new Cube().apply(x.to(dtype)).toDoubles());
    }
  }

  @Test
  void itsGradientHasGradients() {
    Tensor x = leaf(2);

    Tensor first = Grad.ofDifferentiable(new Cube().apply(x).sum(), x)[0];
    Tensor second = Grad.ofDifferentiable(first.sum(), x)[0];

    assertEquals(12, second.item());
    assertEquals(6, Grad.of(second.sum(), x)[0].item());
  }

  @Test
  void itsNameIsThatOfItsClass() {
    assertEquals("custom_op_test.cube", new Cube().name());
  }

  @Test
  void whatWasNotKeptCannotBeAskedFor() {
    assertEquals(
        "custom_op_test.forgetful: backward asks for input 0, which keep() does not name",
        failure(new Forgetful()));
  }

  @Test
  void thereIsOneGradientPerInput() {
    assertEquals(
        "custom_op_test.too_few: backward returned 1 gradients for 2 inputs",
        failure(new TooFew()));
  }

  @Test
  void aGradientHasTheShapeAndTypeOfItsInput() {
    assertEquals(
        "custom_op_test.wrong_shape: gradient of input 0 is F32 [] on cpu where the value is"
            + " F32 [2] on cpu",
        failure(new WrongShape()));
    assertEquals(
        "custom_op_test.wrong_type: gradient of input 0 is F64 [2] on cpu where the value is"
            + " F32 [2] on cpu",
        failure(new WrongType()));
  }

  @Test
  void noGradientMeansZero() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);

    Tensor[] gradients = Grad.of(new Constant().apply(a, b).sum(), a, b);

    assertArrayEquals(new float[] {1, 1}, gradients[0].toFloats());
    assertArrayEquals(new float[] {0, 0}, gradients[1].toFloats());
  }

  @Test
  void workThatNobodyAskedForMayBeLeftOut() {
    List<String> asked = new ArrayList<>();
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);

    new Noting(asked).apply(a, Tensor.of(3f, 4)).sum().backward();
    Tensor loss = new Noting(asked).apply(a, b).sum();
    Grad.ofDifferentiable(loss, b);
    loss.backward();

    assertEquals(List.of("true false", "false true", "true true"), asked);
  }

  @Test
  void severalOutputsMeetInOneBackward() {
    Tensor x = leaf(1, -2);

    Tensor[] y = Tensor.apply(new Split(), x);

    assertArrayEquals(new double[] {1, 0}, y[2].toDoubles());
    assertArrayEquals(
        new float[] {3 - 5, 3 - 5}, Grad.of(y[0].mul(3).add(y[1].mul(5)).sum(), x)[0].toFloats());
  }

  /** Only −x is used: the gradient of the other output is zeros, not missing. */
  @Test
  void anUnusedOutputHasTheGradientZero() {
    Tensor x = leaf(1, -2);

    Tensor minus = Tensor.apply(new Split(), x)[1];

    assertArrayEquals(new float[] {-1, -1}, Grad.of(minus.sum(), x)[0].toFloats());
  }
}
