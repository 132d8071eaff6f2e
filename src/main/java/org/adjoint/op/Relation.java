package org.adjoint.op;

/**
 * How two numbers may stand to each other. NaN equals nothing, itself included, and has no order.
 */
public enum Relation {
  /** a = b. */
  EQ {
    @Override
    public boolean holds(double a, double b) {
      return a == b;
    }
  },
  /** a ≠ b. */
  NE {
    @Override
    public boolean holds(double a, double b) {
      return a != b;
    }
  },
  /** a &lt; b. */
  LT {
    @Override
    public boolean holds(double a, double b) {
      return a < b;
    }
  },
  /** a ≤ b. */
  LE {
    @Override
    public boolean holds(double a, double b) {
      return a <= b;
    }
  },
  /** a &gt; b. */
  GT {
    @Override
    public boolean holds(double a, double b) {
      return a > b;
    }
  },
  /** a ≥ b. */
  GE {
    @Override
    public boolean holds(double a, double b) {
      return a >= b;
    }
  };

  /** Whether {@code a} stands so to {@code b}. */
  public abstract boolean holds(double a, double b);
}
