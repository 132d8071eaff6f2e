package org.adjoint.op;

import org.adjoint.DType;
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
    /**
     * Distinct odd multiples of 1/16 in random order: as APART, and also away from whole and half
     * numbers, where rounding jumps, and from every value of APART, so that none are equal.
     */
    BETWEEN,
    /** Uniform on [−0.75, 0.75): inside the unit interval, away from its ends. */
    UNIT,
    /**
     * Uniform on [−1/√n, 1/√n), n the last size: the weights of a layer, whose sums of n products
     * are no larger than the factors, step after step.
     */
    WEIGHT,
    /** Integers from 0 to limit − 1, I64; no gradient. */
    INDEX,
    /**
     * As a max-pooling over 2 × 2 windows side by side remembers them, I64: for window [r, c] the
     * place of cell [2r or 2r + 1, 2c or 2c + 1] in its plane; no gradient.
     */
    PAIRS,
    /** Truth values, BOOL; no gradient. */
    MASK
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

  /** Values well apart from each other, from whole and half numbers, and from those of apart. */
  public static Draw between(long... sizes) {
    return between(Shape.of(sizes));
  }

  /** Values well apart from each other, from whole and half numbers, and from those of apart. */
  public static Draw between(Shape shape) {
    return new Draw(Kind.BETWEEN, shape, 0);
  }

  /** Values from −0.75 to 0.75. */
  public static Draw unit(long... sizes) {
    return unit(Shape.of(sizes));
  }

  /** Values from −0.75 to 0.75. */
  public static Draw unit(Shape shape) {
    return new Draw(Kind.UNIT, shape, 0);
  }

  /** Values from −1/√n to 1/√n, n the last size. */
  public static Draw weight(long... sizes) {
    return new Draw(Kind.WEIGHT, Shape.of(sizes), 0);
  }

  /** Truth values. */
  public static Draw mask(long... sizes) {
    return mask(Shape.of(sizes));
  }

  /** Truth values. */
  public static Draw mask(Shape shape) {
    return new Draw(Kind.MASK, shape, 0);
  }

  /** Indices from 0 to {@code limit} − 1. */
  public static Draw index(long limit, long... sizes) {
    return new Draw(Kind.INDEX, Shape.of(sizes), limit);
  }

  /** Places of cells, one for each of the 2 × 2 windows that the last two axes count. */
  public static Draw pairs(long... sizes) {
    return new Draw(Kind.PAIRS, Shape.of(sizes), 0);
  }

  /** Whether this input has a gradient. */
  public boolean differentiable() {
    return kind != Kind.INDEX && kind != Kind.PAIRS && kind != Kind.MASK;
  }

  /** The dtype of this input where those with a gradient are of {@code floating}. */
  public DType dtype(DType floating) {
    return switch (kind) {
      case INDEX, PAIRS -> DType.I64;
      case MASK -> DType.BOOL;
      default -> floating;
    };
  }
}
