package org.adjoint.op;

import org.adjoint.Shape;

/**
 * An input of an example: its shape, and which values make a fair test of the operation.
 *
 * @param kind the distribution
 * @param limit for {@link Kind#INDEX}, indices run from 0 to limit − 1; else unused
 */
public record Draw(Kind kind, Shape shape, long limit) {
  /** Where the values come from. */
  public enum Kind {
    /** Standard normal. */
    NORMAL,
    /** Uniform on [0.5, 2): away from 0, where logarithms and quotients are steep. */
    POSITIVE,
    /**
     * Distinct multiples of 1/8 in random order, none of them 0: away from the kinks of max and
     * ReLU, so that a small step crosses none.
     */
    APART,
    /** Integers from 0 to limit − 1, I64; no gradient. */
    INDEX
  }

  /** Standard normal values. */
  public static Draw normal(long... sizes) {
    return normal(Shape.of(sizes));
  }

  /** Standard normal values. */
  public static Draw normal(Shape shape) {
    return new Draw(Kind.NORMAL, shape, 0);
  }

  /** Values from 0.5 to 2. */
  public static Draw positive(long... sizes) {
    return positive(Shape.of(sizes));
  }

  /** Values from 0.5 to 2. */
  public static Draw positive(Shape shape) {
    return new Draw(Kind.POSITIVE, shape, 0);
  }

  /** Values well apart from each other and from 0. */
  public static Draw apart(long... sizes) {
    return apart(Shape.of(sizes));
  }

  /** Values well apart from each other and from 0. */
  public static Draw apart(Shape shape) {
    return new Draw(Kind.APART, shape, 0);
  }

  /** Indices from 0 to {@code limit} − 1. */
  public static Draw index(long limit, long... sizes) {
    return new Draw(Kind.INDEX, Shape.of(sizes), limit);
  }

  /** Whether this input has a gradient. */
  public boolean differentiable() {
    return kind != Kind.INDEX;
  }
}
