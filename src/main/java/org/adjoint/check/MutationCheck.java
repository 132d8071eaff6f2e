package org.adjoint.check;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;

/**
 * Checks the checks: puts every {@link Mutation} into an operation and sees whether the gradient
 * check notices, on one example or another. A fault that changes no number on any example is no
 * fault: it is counted as equivalent.
 *
 * @param op the operation's name
 * @param killed faults that were noticed
 * @param survived faults that changed a number unnoticed
 * @param equivalent faults that changed none
 */
public record MutationCheck(
    String op, List<String> killed, List<String> survived, List<String> equivalent) {
  private static final String DROPPED = "last summand dropped";

  /** Tries all faults on {@code spec}; compositions and integer results have no place for any. */
  public static MutationCheck of(OpSpec spec) {
    MutationCheck result =
        new MutationCheck(spec.name(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<Subject> subjects = Subject.allOf(spec);
    int inputs = subjects.stream().mapToInt(s -> s.example.inputs().size()).max().orElse(0);
    for (Mutation mutation : Mutation.all(inputs)) {
      Fate fate = Fate.EQUIVALENT;
      for (Subject subject : subjects) {
        if (fate != Fate.KILLED) {
          fate = fate.orWorse(subject.suffer(mutation));
        }
      }
      result.add(mutation.name(), fate);
    }
    if (spec.tolerance().whole()) {
      result.add(DROPPED, dropped(spec));
    }
    return result;
  }

  private enum Fate {
    EQUIVALENT,
    SURVIVED,
    KILLED;

    Fate orWorse(Fate other) {
      return compareTo(other) > 0 ? this : other;
    }
  }

  private void add(String name, Fate fate) {
    switch (fate) {
      case KILLED -> killed.add(name);
      case SURVIVED -> survived.add(name);
      case EQUIVALENT -> equivalent.add(name);
    }
  }

  /** Number of faults that changed anything. */
  public int total() {
    return killed.size() + survived.size();
  }

  /** An example with its differences, which no fault in a backward changes. */
  private record Subject(Example example, Op op, GradientCheck check, double[] gradient) {
    static List<Subject> allOf(OpSpec spec) {
      List<Subject> all = new ArrayList<>();
      for (Example example : spec.examples()) {
        Op op = example.op();
        if (op != null && Problem.of(example).isDifferentiable()) {
          GradientCheck check = GradientCheck.of(example);
          all.add(new Subject(example, op, check, check.gradientOf(example, example.call())));
        }
      }
      return all;
    }

    Fate suffer(Mutation mutation) {
      Op mutant = Mutant.ofBackward(op, mutation.change());
      double[] wrong = check.gradientOf(example, in -> Tensor.apply(mutant, in));
      if (GradientCheck.same(gradient, wrong)) {
        return Fate.EQUIVALENT;
      }
      Tally tally = new Tally("", "");
      check.compare(wrong, tally);
      return tally.failures().isEmpty() ? Fate.SURVIVED : Fate.KILLED;
    }
  }

  /** Whether a reference that loses a summand is told from the quick road, which does not. */
  private static Fate dropped(OpSpec spec) {
    for (Example example : spec.examples()) {
      Op op = example.op();
      Tally tally = new Tally("", "");
      if (op != null) {
        tally.during("", () -> FastCheck.exact(spec, example, Mutant.thatDropsTheLast(op), tally));
      }
      if (!tally.failures().isEmpty()) {
        return Fate.KILLED;
      }
    }
    return Fate.SURVIVED;
  }
}
