package org.adjoint.autograd;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/** One operation that ran: where its inputs came from, and what it saved to walk back through. */
public final class Node {
  private static final AtomicLong COUNT = new AtomicLong();

  // Later nodes have larger numbers, so that sorting by number is a topological order.
  private final long number = COUNT.incrementAndGet();
  private final Op op;
  private final @Nullable Slot[] inputs;
  private final @Nullable Slot[] outputs;
  private final @Nullable String origin;
  private @Nullable Saved saved;

  private Node(Op op, Tensor[] in, Meta[] metas, Tensor[] out, @Nullable String origin) {
    this.op = op;
    this.origin = origin;
    inputs = new Slot[in.length];
    outputs = new Slot[out.length];
    saved = new Saved(op, metas, in, out);
  }

  /**
   * Records that {@code op} made {@code out} from {@code in}: gives each floating output its slot,
   * unless it is workspace.
   *
   * @param origin where in the user's program, if anybody wants to know
   */
  public static void record(
      Op op, Tensor[] in, Meta[] metas, Tensor[] out, @Nullable String origin) {
    Node node = new Node(op, in, metas, out, origin);
    for (int i = 0; i < in.length; i++) {
      node.inputs[i] = in[i].slot();
    }
    for (int i = 0; i < out.length - op.workspace(); i++) {
      if (out[i].dtype().isFloating()) {
        Slot slot = Slot.output(node, out[i].meta());
        node.outputs[i] = slot;
        out[i].setSlot(slot);
      }
    }
  }

  /** Position in the order in which operations ran. */
  public long number() {
    return number;
  }

  /** The operation. */
  public Op op() {
    return op;
  }

  /** Where each input's gradient goes; null for inputs that have none. */
  public List<@Nullable Slot> inputs() {
    return Arrays.asList(inputs);
  }

  /** Where each output's gradient is collected; null for outputs that have none. */
  public List<@Nullable Slot> outputs() {
    return Arrays.asList(outputs);
  }

  /** Where in the user's program the operation ran; empty unless anomaly mode was on. */
  String origin() {
    return origin == null ? "" : " (made at " + origin + ")";
  }

  Saved saved() {
    if (saved == null) {
      throw new IllegalStateException(
          "backward: the graph through '"
              + op.name()
              + "' was freed by an earlier backward; call backward(retainGraph) the first time");
    }
    return saved;
  }

  /** Lets go of the saved values; the node's place in the graph stays, to be named in errors. */
  void free() {
    saved = null;
  }
}
