package org.adjoint.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.op.Copy;

/** Named tensors that together are what a model or an optimiser has become. */
public final class State {
  private State() {}

  /**
   * The same names with copies of the tensors, which no later step changes: a model may go back to
   * its best state this way.
   */
  public static Map<String, Tensor> copy(Map<String, Tensor> state) {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    state.forEach((name, tensor) -> copies.put(name, Grad.off(() -> new Copy().apply(tensor))));
    return copies;
  }

  /**
   * Gives each tensor of {@code into} the elements of its namesake in {@code from}: of all of them,
   * or, if anything is wrong, of none.
   *
   * @param who begins each line of a message
   * @throws IllegalArgumentException with a line for each name that is missing in {@code from} or
   *     unexpected there, and for each tensor of another shape or dtype
   */
  public static void load(String who, Map<String, Tensor> into, Map<String, Tensor> from) {
    check(who, into, from);
    try (Scope _ = Scope.open()) {
      into.forEach((name, tensor) -> tensor.assign(get(from, name)));
    }
  }

  /**
   * Checks that {@link #load} would succeed.
   *
   * @throws IllegalArgumentException if it would not, as {@link #load} says
   */
  public static void check(String who, Map<String, Tensor> into, Map<String, Tensor> from) {
    List<String> wrong = new ArrayList<>();
    into.forEach((name, tensor) -> {
      Tensor given = from.get(name);
      if (given == null) {
        wrong.add(name + " is missing");
      } else if (!given.meta().equals(tensor.meta())) {
        wrong.add(name + " is " + given.meta() + ", not " + tensor.meta());
      }
    });
    for (String name : from.keySet()) {
      if (!into.containsKey(name)) {
        wrong.add(name + " is unexpected");
      }
    }
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(who + ": " + String.join("\n" + who + ": ", wrong));
    }
  }

  /**
   * The tensor of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Tensor get(Map<String, Tensor> state, String name) {
    Tensor tensor = state.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("state: " + name + " is missing");
    }
    return tensor;
  }
}
