package org.adjoint.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.Recording;
import org.adjoint.optim.Optimizer.Parameter;
import org.jspecify.annotations.Nullable;

/** The passes that a step of an optimiser is made of; those that are alike are one. */
final class Passes {
  /** Plans what a parameter's pass is now. */
  private final Consumer<Parameter> update;

  private final Map<Group, Plan> planned = new LinkedHashMap<>();
  private int count;

  /** Whether {@link #update} is only asked what it would plan, and its answer. */
  private boolean asking;

  private @Nullable OnePass answer;

  Passes(Consumer<Parameter> update) {
    this.update = update;
  }

  /** What parameters have in common that take a step together. */
  private record Group(OnePass pass, DType dtype, Device device) {}

  /** The first parameter of a group, and the state of each. */
  private record Plan(Parameter first, List<Tensor[]> states) {}

  void clear() {
    planned.clear();
    count = 0;
  }

  /** How many were planned. */
  int count() {
    return count;
  }

  /** Plans a pass, or makes it at once if the gradient is not the parameter's own. */
  void plan(Parameter p, OnePass pass, Tensor gradient, Tensor[] state) {
    if (asking) {
      answer = pass;
      return;
    }
    count++;
    if (gradient.equals(p.weight().grad())) {
      Group group = new Group(pass, gradient.dtype(), gradient.device());
      planned.computeIfAbsent(group, _ -> new Plan(p, new ArrayList<>())).states.add(state);
    } else {
      run(p, () -> Tensor.update(pass, state, gradient));
    }
  }

  /** Makes what was planned. */
  void run() {
    planned.forEach((group, plan) -> {
      Tensor[][] states = plan.states.toArray(Tensor[][]::new);
      Tensor[][] gradients =
          plan.states.stream()
              .map(state -> new Tensor[] {state[0].grad()})
              .toArray(Tensor[][]::new);
      run(plan.first, () -> Tensor.updateAll(group.pass, states, gradients));
    });
    clear();
  }

  /** Makes a pass over {@code p}, among others; or records it, with what it will be by then. */
  private void run(Parameter p, Runnable pass) {
    if (Recording.isOn()) {
      ScopedValue.where(OnePass.NEXT, () -> ask(p)).run(pass);
    } else {
      pass.run();
    }
  }

  private OnePass ask(Parameter p) {
    asking = true;
    try {
      update.accept(p);
    } finally {
      asking = false;
    }
    return Objects.requireNonNull(answer);
  }
}
