package org.adjoint.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Span;
import org.adjoint.SpanLog;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.Live;
import org.adjoint.backend.cuda.Recording;
import org.adjoint.nn.State;

/**
 * Moves parameters along their gradients. A method of one's own says in {@link #update} what one
 * step does to one parameter, and in {@link #remember} what it carries from step to step.
 *
 * <pre>{@code
 * optimizer.zeroGrad();   // left out, gradients of several batches add up
 * loss.backward();
 * optimizer.step();
 * }</pre>
 *
 * <p>Parameters that want another rate have an optimiser of their own, over their part of {@code
 * model.parameters()}.
 */
public abstract class Optimizer {
  private final String name;
  private final List<Parameter> parameters = new ArrayList<>();
  private final Passes passes = new Passes(p -> update(p, p.weight));
  private double rate;

  /**
   * @param name begins messages
   * @param parameters by name; one that has two names takes one step, under the first
   * @param rate the learning rate η
   * @param remembered what is remembered of each parameter, from zeros on
   * @throws IllegalArgumentException if the rate is not at least 0, or a parameter asks for no
   *     gradient
   */
  protected Optimizer(
      String name, Map<String, Tensor> parameters, double rate, String... remembered) {
    this.name = name;
    this.rate = require("rate", rate, 0, Double.POSITIVE_INFINITY);
    parameters.forEach(this::add);
    for (String slot : remembered) {
      remember(slot, 0);
    }
  }

  private void add(String key, Tensor weight) {
    if (!weight.requiresGrad()) {
      throw new IllegalArgumentException(
          name + ": " + key + " asks for no gradient; call requireGrad() on it, or leave it out");
    }
    if (parameters.stream().noneMatch(p -> p.weight.equals(weight))) {
      parameters.add(new Parameter(key, weight));
    }
  }

  /** A parameter, and what the optimiser remembers of it. */
  protected static final class Parameter {
    private final String name;
    private final Tensor weight;
    private final Map<String, Tensor> memory = new LinkedHashMap<>();
    private long steps;

    /** Whether anybody asked for the steps. */
    private boolean counted;

    private Parameter(String name, Tensor weight) {
      this.name = name;
      this.weight = weight;
    }

    /** Its value. */
    public Tensor weight() {
      return weight;
    }

    /** How many steps it takes with this one: 1 in the first. */
    public long steps() {
      counted = true;
      return steps;
    }

    /**
     * What {@link Optimizer#remember} made room for.
     *
     * @throws IllegalArgumentException if nothing of that name is remembered
     */
    public Tensor get(String slot) {
      Tensor tensor = memory.get(slot);
      if (tensor == null) {
        throw new IllegalArgumentException("optimizer: it remembers no " + slot);
      }
      return tensor;
    }

    private void collect(Map<String, Tensor> into) {
      into.put(name + ".step", Tensor.of(Shape.SCALAR, steps));
      memory.forEach((slot, tensor) -> into.put(name + "." + slot, tensor));
    }
  }

  /**
   * Makes room for a tensor like each parameter, filled with {@code start}; PyTorch's names, such
   * as {@code exp_avg}, let checkpoints go both ways.
   */
  protected final void remember(String slot, double start) {
    for (Parameter p : parameters) {
      Tensor old = p.memory.put(slot, Tensor.full(p.weight.meta(), start));
      if (old != null) {
        old.close();
      }
    }
  }

  /** One step of one parameter along {@code gradient}; nothing is recorded. */
  protected abstract void update(Parameter p, Tensor gradient);

  /** One step along the gradients that backward left; parameters without one stay. */
  public final void step() {
    try (Span _ = Span.open(Span.Part.UPDATE, name)) {
      takeStep();
    }
    SpanLog.stepTaken();
  }

  private void takeStep() {
    passes.clear();
    for (Parameter p : parameters) {
      if (p.weight.hasGrad()) {
        Live.advance(() -> p.steps++);
        p.counted = false;
        int before = passes.count();
        try (Scope _ = Scope.open()) {
          Grad.off(() -> update(p, p.weight.grad()));
        }
        if (Recording.isOn() && passes.count() == before) {
          requireConstant(p);
        }
      }
    }
    passes.run();
  }

  /** Numbers that an update made tensors with stay in its recording: they must not change. */
  private void requireConstant(Parameter p) {
    if (p.counted) {
      Recording.refuse(
          name + ": a step depends on how many there were", "this optimizer cannot be captured");
    }
    double recorded = rate;
    Live.check(() -> {
      if (rate != recorded) {
        throw new IllegalStateException(
            "%s: the rate is %s now, and was %s when a step was captured; capture it again"
                .formatted(name, rate, recorded));
      }
    });
  }

  /**
   * Plans a pass over the weight, what {@code slots} names, and the gradient. It comes at the end
   * of {@link #step}, together with those of all parameters that want the same; at once if the
   * gradient is one that {@link #update} has made, and will not outlive it.
   */
  final void plan(Parameter p, OnePass pass, Tensor gradient, String... slots) {
    Tensor[] state = new Tensor[1 + slots.length];
    state[0] = p.weight;
    for (int i = 0; i < slots.length; i++) {
      state[1 + i] = p.get(slots[i]);
    }
    passes.plan(p, pass, gradient, state);
  }

  /** Forgets the gradients, so that the next backward starts afresh. */
  public final void zeroGrad() {
    parameters.forEach(p -> p.weight.zeroGrad());
  }

  /** The learning rate η. */
  public final double rate() {
    return rate;
  }

  /**
   * Sets the learning rate, as a {@link Schedule} asks.
   *
   * @throws IllegalArgumentException if it is not at least 0
   */
  public final void rate(double rate) {
    Recording.refuse(name + ": the rate cannot be set", "set it before replay()");
    this.rate = require("rate", rate, 0, Double.POSITIVE_INFINITY);
  }

  /** The parameters, each once, by name. */
  public final Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    parameters.forEach(p -> all.put(p.name, p.weight));
    return all;
  }

  /**
   * All that {@link #load} needs to go on with the same bits: the rate and each parameter's number
   * of steps, as they are now, and what is remembered, such as {@code fc1.weight.exp_avg}, the
   * tensors themselves; {@link State#copy} makes copies that a later step does not change. (The
   * parameters are the model's state.)
   */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put("rate", Tensor.scalar(rate));
    parameters.forEach(p -> p.collect(all));
    return all;
  }

  /**
   * Takes over a {@link #state}; nothing changes if it does not fit.
   *
   * @throws IllegalArgumentException with a line for each tensor that is missing, unexpected or of
   *     another shape or dtype; or for a rate or number of steps that cannot be
   */
  public final void load(Map<String, Tensor> state) {
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> own = state();
      State.check(name, own, state);
      double newRate =
          require("rate", State.get(state, "rate").item(), 0, Double.POSITIVE_INFINITY);
      long[] steps = new long[parameters.size()];
      for (int i = 0; i < steps.length; i++) {
        String key = parameters.get(i).name + ".step";
        steps[i] = State.get(state, key).toLongs()[0];
        require(key, (double) steps[i], 0, Double.POSITIVE_INFINITY);
      }
      State.load(name, own, state);
      rate = newRate;
      for (int i = 0; i < steps.length; i++) {
        parameters.get(i).steps = steps[i];
      }
    }
  }

  /** {@code value}, if low ≤ value < high. */
  final double require(String what, double value, double low, double high) {
    if (!(value >= low && value < high)) {
      throw new IllegalArgumentException(
          "%s: %s %s must be %s"
              .formatted(
                  name,
                  what,
                  value,
                  high == Double.POSITIVE_INFINITY
                      ? "finite and at least " + text(low)
                      : "in [" + text(low) + ", " + text(high) + ")"));
    }
    return value;
  }

  private static String text(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }
}
