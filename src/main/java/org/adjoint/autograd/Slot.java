package org.adjoint.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The place of one value in the graph, where its gradients meet. A tensor that may have a gradient
 * has a slot; the slot does not keep the tensor's elements.
 */
public final class Slot {
  private final Meta meta;
  private final @Nullable Node node;
  private @Nullable Tensor accumulator;
  private final List<UnaryOperator<Tensor>> hooks = new ArrayList<>(0);

  private Slot(Meta meta, @Nullable Node node, @Nullable Tensor accumulator) {
    this.meta = meta;
    this.node = node;
    this.accumulator = accumulator;
  }

  /** The slot of a value that no operation made: a parameter, an input. */
  public static Slot leaf(Tensor tensor) {
    return new Slot(tensor.meta(), null, tensor);
  }

  /** This leaf's slot after its tensor moved to another device: the same hooks. */
  public Slot relocated(Tensor tensor) {
    Slot moved = leaf(tensor);
    moved.hooks.addAll(hooks);
    return moved;
  }

  static Slot output(Node node, Meta meta) {
    return new Slot(meta, node, null);
  }

  /** The operation that made the value, or null for a leaf. */
  public @Nullable Node node() {
    return node;
  }

  /** Shape, dtype and device of the value, and so of its gradient. */
  public Meta meta() {
    return meta;
  }

  /** The tensor whose {@code grad()} a backward adds to: always for leaves, else on request. */
  public @Nullable Tensor accumulator() {
    return accumulator;
  }

  /** Makes backward keep the gradient of this value in {@code tensor.grad()}. */
  public void retain(Tensor tensor) {
    accumulator = tensor;
  }

  /** Adds a function that sees, and may replace, the whole gradient once it is complete. */
  public void addHook(UnaryOperator<Tensor> hook) {
    hooks.add(hook);
  }

  /** Runs the hooks in the order in which they were added. */
  Tensor applyHooks(Tensor gradient) {
    Tensor result = gradient;
    for (UnaryOperator<Tensor> hook : hooks) {
      result = hook.apply(result);
      if (result == null) {
        throw new IllegalStateException("hook: it returned null; return the gradient it was given");
      }
      Backward.requireMeta("hook", meta, result);
    }
    return result;
  }
}
