package org.adjoint.autograd;

import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.backend.Layout;
import org.jspecify.annotations.Nullable;

/** What an operation left for its backward: the shapes of its inputs, and the values it kept. */
public final class Saved {
  private final Op op;
  private final Meta[] metas;
  private final @Nullable Value[] inputs;
  private final @Nullable Value[] outputs;
  private final boolean[] needed;

  private record Value(Tensor tensor, long version) {}

  Saved(Op op, Meta[] metas, Tensor[] in, Tensor[] out) {
    this.op = op;
    this.metas = metas;
    Keep keep = op.keep();
    inputs = values(in, keep.inputs());
    outputs = values(out, keep.outputs());
    needed = new boolean[in.length];
  }

  private static @Nullable Value[] values(Tensor[] tensors, int[] kept) {
    @Nullable Value[] values = new Value[tensors.length];
    for (int i : kept) {
      values[i] = new Value(tensors[i], tensors[i].storage().version());
    }
    return values;
  }

  /** Number of inputs. */
  public int count() {
    return metas.length;
  }

  /** Shape, dtype and device of input {@code i}. */
  public Meta meta(int i) {
    return metas[i];
  }

  /** Whether anybody asks for the gradient of input {@code i}. */
  public boolean needs(int i) {
    return needed[i];
  }

  void setNeeds(int i, boolean asked) {
    needed[i] = asked;
  }

  /**
   * The value of input {@code i}.
   *
   * @throws IllegalStateException if it was changed by assign, or closed, since
   */
  public Tensor input(int i) {
    return unpack(inputs[i], "input", i);
  }

  /** How input {@code i}, one that is kept, lies in memory; its elements may have changed since. */
  public Layout layout(int i) {
    return kept(inputs[i], "input", i).tensor.layout();
  }

  /** The value of output {@code i}; throws as {@link #input} does. */
  public Tensor output(int i) {
    return unpack(outputs[i], "output", i);
  }

  private Value kept(@Nullable Value value, String what, int i) {
    if (value == null) {
      throw new IllegalStateException(
          op.name() + ": backward asks for " + what + " " + i + ", which keep() does not name");
    }
    return value;
  }

  private Tensor unpack(@Nullable Value packed, String what, int i) {
    Value value = kept(packed, what, i);
    Tensor tensor = value.tensor;
    tensor.requireOpen(op.name() + ": backward needs " + what + " " + i);
    if (tensor.storage().version() != value.version) {
      throw new IllegalStateException(
          op.name()
              + ": backward needs "
              + what
              + " "
              + i
              + ", "
              + tensor.meta()
              + ", but assign changed it after the forward; assign after backward, or to a copy");
    }
    return tensor;
  }
}
