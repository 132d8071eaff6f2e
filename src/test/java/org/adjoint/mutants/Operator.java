package org.adjoint.mutants;

import java.util.Locale;

/** What may be done to a kernel. Each changes one place, and nothing else. */
public enum Operator {
  /** {@code a[i]} becomes {@code a[i + 1]} or {@code a[i - 1]}. */
  INDEX,
  /** {@code a < b} becomes {@code a >= b}, {@code ==} becomes {@code !=}, and so on. */
  COMPARISON,
  /** A barrier, a fence, or a wait for a copy is left out. */
  BARRIER,
  /** What is added to, or compared with, begins at another value. */
  ACCUMULATOR,
  /** A loop stops one step early or late; or its step is halved, and a step of 1 doubled. */
  LOOP,
  /**
   * A condition that guards an access or a term counts as true: one part of an {@code &&}, that of
   * an {@code if} without {@code else}, that of {@code c ? x : 0}; one that leaves counts as false.
   * Also: the mask of lanes of a shuffle or vote becomes all lanes.
   */
  MASK;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
