package org.adjoint.autograd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Span;
import org.adjoint.Tensor;
import org.adjoint.backend.Storage;
import org.adjoint.op.Copy;
import org.jspecify.annotations.Nullable;

/**
 * The walk back through the graph: the chain rule, once per operation, from the loss to whatever is
 * asked for. It uses no recursion, so a graph may be as deep as memory allows.
 */
public final class Backward {
  private final IdentityHashMap<Slot, Tensor> gradients = new IdentityHashMap<>();
  private final Set<Slot> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Slot> reached = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Node> nodes;

  private Backward(Slot root) {
    nodes = collect(root);
  }

  /** Adds ∂loss/∂x to {@code x.grad()} for every leaf x that {@code loss} was computed from. */
  public static void accumulate(Slot loss, Tensor seed, boolean retainGraph) {
    Backward walk = new Backward(loss);
    for (Slot slot : walk.reached) {
      if (slot.accumulator() != null) {
        walk.wanted.add(slot);
      }
    }
    walk.run(loss, seed, retainGraph);
    // Two values may have one gradient, as a and b in a + b; but each gets a grad() of its own.
    Set<Storage> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Slot slot : walk.wanted) {
      Tensor accumulator = slot.accumulator();
      Tensor gradient = walk.gradients.get(slot);
      if (accumulator != null && gradient != null) {
        boolean first = taken.add(gradient.storage());
        accumulator.accumulateGrad(first ? gradient : new Copy().apply(gradient));
      }
    }
  }

  /** ∂loss/∂x for every x in {@code targets}, which nothing else is computed for. */
  public static Tensor[] gradients(
      Slot loss, Tensor seed, List<Slot> targets, boolean retainGraph) {
    Backward walk = new Backward(loss);
    for (int i = 0; i < targets.size(); i++) {
      if (!walk.reached.contains(targets.get(i))) {
        throw new IllegalArgumentException(
            "grad: the loss does not depend on value " + i + ", " + targets.get(i).meta());
      }
    }
    walk.wanted.addAll(targets);
    walk.run(loss, seed, retainGraph);
    Tensor[] result = new Tensor[targets.size()];
    for (int i = 0; i < result.length; i++) {
      Tensor gradient = walk.gradients.get(targets.get(i));
      result[i] = gradient != null ? gradient : Tensor.zeros(targets.get(i).meta());
    }
    return result;
  }

  /** Every operation that {@code root} was computed by, oldest first. */
  private List<Node> collect(Slot root) {
    Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Slot> open = new ArrayDeque<>();
    open.push(root);
    while (!open.isEmpty()) {
      Slot slot = open.pop();
      Node node = slot.node();
      if (!reached.add(slot) || node == null || !seen.add(node)) {
        continue;
      }
      for (Slot input : node.inputs()) {
        if (input != null) {
          open.push(input);
        }
      }
    }
    List<Node> order = new ArrayList<>(seen);
    order.sort(Comparator.comparingLong(Node::number));
    return order;
  }

  private void run(Slot root, Tensor seed, boolean retainGraph) {
    gradients.put(root, seed);
    SequencedSet<Node> path = markPath();
    for (Node node : path.reversed()) {
      try (Span _ = Span.gradient(node.op().name(), node.number())) {
        step(node);
      }
      if (!retainGraph) {
        node.free();
      }
    }
    for (Slot slot : wanted) {
      if (!path.contains(slot.node())) {
        complete(slot); // where the walk ended
      }
    }
  }

  /** The operations that lie between the loss and something wanted, oldest first. */
  private SequencedSet<Node> markPath() {
    Set<Slot> alive = Collections.newSetFromMap(new IdentityHashMap<>());
    alive.addAll(wanted);
    SequencedSet<Node> path = new LinkedHashSet<>();
    for (Node node : nodes) {
      if (node.inputs().stream().noneMatch(alive::contains)) {
        continue;
      }
      path.add(node);
      for (int i = 0; i < node.inputs().size(); i++) {
        node.saved().setNeeds(i, alive.contains(node.inputs().get(i)));
      }
      alive.addAll(node.outputs());
    }
    alive.remove(null);
    return path;
  }

  /** The whole gradient of a value, now that everything that used the value has been walked. */
  private @Nullable Tensor complete(Slot slot) {
    Tensor gradient = gradients.get(slot);
    if (gradient != null) {
      gradient = slot.applyHooks(gradient);
      if (wanted.contains(slot)) {
        gradients.put(slot, gradient);
      } else {
        gradients.remove(slot);
      }
    }
    return gradient;
  }

  private void step(Node node) {
    Tensor[] dy = new Tensor[node.outputs().size()];
    boolean any = false;
    for (int i = 0; i < dy.length; i++) {
      Slot output = node.outputs().get(i);
      dy[i] = output == null ? null : complete(output);
      any |= dy[i] != null;
    }
    if (!any) {
      return; // every gradient on the way here was zero
    }
    for (int i = 0; i < dy.length; i++) {
      Slot output = node.outputs().get(i);
      if (output != null && dy[i] == null) {
        dy[i] = Tensor.zeros(output.meta());
      }
    }
    Tensor[] dx = derivative(node, dy);
    if (dx.length != node.inputs().size()) {
      throw new IllegalStateException(
          node.op().name()
              + ": backward returned "
              + dx.length
              + " gradients for "
              + node.inputs().size()
              + " inputs");
    }
    for (int i = 0; i < dx.length; i++) {
      Slot input = node.inputs().get(i);
      Tensor gradient = dx[i];
      if (gradient != null && input != null && node.saved().needs(i)) {
        check(node, i, input.meta(), gradient);
        add(input, gradient);
      }
    }
  }

  private static Tensor[] derivative(Node node, Tensor[] dy) {
    try {
      return node.op().backward(node.saved(), dy);
    } catch (ArithmeticException e) {
      // In anomaly mode a step of the derivative may fail; who asked for it is what matters.
      throw node.origin().isEmpty()
          ? e
          : new ArithmeticException(
              e.getMessage() + ", in the gradient of " + node.op().name() + node.origin());
    }
  }

  private static void check(Node node, int i, Meta expected, Tensor gradient) {
    if (!gradient.meta().equals(expected)) {
      requireMeta(node.op().name() + ": gradient of input " + i, expected, gradient);
    }
    if (Grad.isAnomalyMode()) {
      Grad.checkAnomaly(
          "the gradient of input " + i + " of " + node.op().name() + node.origin(), gradient);
    }
  }

  private void add(Slot slot, Tensor gradient) {
    Tensor sum = gradients.get(slot);
    gradients.put(slot, sum == null ? gradient : sum.add(gradient));
  }

  static void requireMeta(String who, Meta expected, Tensor gradient) {
    if (!gradient.meta().equals(expected)) {
      throw new IllegalStateException(
          who + " is " + gradient.meta() + " where the value is " + expected);
    }
  }
}
