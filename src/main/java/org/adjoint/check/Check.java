package org.adjoint.check;

import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;

/** What is checked on every example of every operation. */
public enum Check {
  /** Gradients against differences of values. */
  FIRST_DERIVATIVE("1st derivative") {
    @Override
    void run(OpSpec spec, Example example, Tally tally) {
      GradientCheck.first(example, tally);
    }
  },

  /** Gradients of gradients against differences of gradients. */
  SECOND_DERIVATIVE("2nd derivative") {
    @Override
    void run(OpSpec spec, Example example, Tally tally) {
      GradientCheck.second(example, tally);
    }
  },

  /** The quick road against the reference. */
  FAST("fast") {
    @Override
    void run(OpSpec spec, Example example, Tally tally) {
      FastCheck.run(spec, example, tally);
    }
  },

  /** Views against contiguous inputs, to the bit. */
  VIEWS("views") {
    @Override
    void run(OpSpec spec, Example example, Tally tally) {
      LayoutCheck.views(example, tally);
    }
  },

  /** Several threads against one, to the bit. */
  THREADS("threads") {
    @Override
    void run(OpSpec spec, Example example, Tally tally) {
      LayoutCheck.threads(example, tally);
    }
  },

  /** What must be refused is, in one line that helps. */
  REJECTIONS("rejections") {
    @Override
    void run(OpSpec spec, Example example, Tally tally) {
      if (example.op() != null) {
        Rejections.changed(example.op(), example, tally);
      }
    }

    @Override
    public Tally on(OpSpec spec) {
      Tally tally = super.on(spec);
      Rejections.listed(spec, tally);
      return tally;
    }
  };

  private final String title;

  Check(String title) {
    this.title = title;
  }

  /** A word or two for tables. */
  public String title() {
    return title;
  }

  abstract void run(OpSpec spec, Example example, Tally tally);

  /** Runs the check on all examples of {@code spec}. */
  public Tally on(OpSpec spec) {
    Tally tally = new Tally(spec.name(), title);
    for (Example example : spec.examples()) {
      tally.during(example.label(), () -> run(spec, example, tally));
    }
    return tally;
  }
}
