package org.adjoint.op;

import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.backend.Kernel;

/** The checks that many operations share, each with a message that says what to do. */
public final class Require {
  private Require() {}

  /** All inputs lie on one device. */
  public static void sameDevice(Kernel op, Meta... in) {
    for (Meta meta : in) {
      if (!meta.device().equals(in[0].device())) {
        throw new IllegalArgumentException(
            op.name()
                + ": one operand is on "
                + in[0].device()
                + ", another on "
                + meta.device()
                + "; move one of them");
      }
    }
  }

  /** All inputs have one dtype and lie on one device. */
  public static void sameDtype(Kernel op, Meta... in) {
    sameDevice(op, in);
    for (Meta meta : in) {
      if (meta.dtype() != in[0].dtype()) {
        throw new IllegalArgumentException(
            op.name()
                + ": dtypes "
                + in[0].dtype()
                + " and "
                + meta.dtype()
                + " differ; convert one with to(DType."
                + in[0].dtype()
                + ")");
      }
    }
  }

  /** All inputs have one shape, one dtype and one device. */
  public static void same(Kernel op, Meta... in) {
    sameDtype(op, in);
    for (Meta meta : in) {
      if (!meta.shape().equals(in[0].shape())) {
        throw new IllegalArgumentException(
            op.name() + ": shapes " + in[0].shape() + " and " + meta.shape() + " differ");
      }
    }
  }

  /** The input holds floating-point numbers. */
  public static void floating(Kernel op, Meta in) {
    floating(op.name(), in);
  }

  static void floating(String op, Meta in) {
    if (!in.dtype().isFloating()) {
      throw new IllegalArgumentException(
          op + ": " + in.dtype() + " is not floating; convert it with to(DType.F32)");
    }
  }

  /** The input holds numbers, not truth values. */
  public static void numeric(Kernel op, Meta in) {
    numeric(op.name(), in);
  }

  static void numeric(String op, Meta in) {
    if (in.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(
          op + ": BOOL is not a number; convert it with to(DType.F32)");
    }
  }

  /** The Java number {@code c} can be combined with the input: integers take whole ones alone. */
  static void scalarFits(Kernel op, Meta in, double c) {
    scalarFits(op.name(), in, c);
  }

  static void scalarFits(String op, Meta in, double c) {
    numeric(op, in);
    if (!in.dtype().isFloating() && c != Math.rint(c)) {
      throw new IllegalArgumentException(
          op
              + ": "
              + c
              + " is not whole, and the tensor is "
              + in.dtype()
              + "; convert it with to(DType.F32)");
    }
  }

  /** The input holds truth values. */
  static void mask(Kernel op, Meta in) {
    mask(op.name(), in);
  }

  static void mask(String op, Meta in) {
    if (in.dtype() != DType.BOOL) {
      throw new IllegalArgumentException(
          op + ": " + in.dtype() + " is not BOOL; compare it with something, as ne(0) does");
    }
  }

  /** The input holds indices. */
  public static void index(Kernel op, Meta in) {
    if (!in.dtype().isIndex()) {
      throw new IllegalArgumentException(
          op.name() + ": the index is " + in.dtype() + "; convert it with to(DType.I64)");
    }
  }

  /** The input has {@code rank} axes, which {@code meaning} names. */
  public static void rank(Kernel op, Meta in, int rank, String meaning) {
    if (in.rank() != rank) {
      throw new IllegalArgumentException(
          op.name()
              + ": "
              + in.shape()
              + " has "
              + in.rank()
              + " axes where "
              + meaning
              + " is expected");
    }
  }

  /** The input holds square matrices, along its last two axes. */
  public static void square(Kernel op, Meta in) {
    square(op.name(), in);
  }

  static void square(String op, Meta in) {
    if (in.rank() < 2 || in.size(-1) != in.size(-2)) {
      String why =
          switch (in.rank()) {
            case 0 -> "it is a scalar";
            case 1 -> "it has one axis";
            default -> "its last two sizes differ";
          };
      throw new IllegalArgumentException(op + ": " + in.shape() + " is no square matrix: " + why);
    }
  }

  /** The index read from a tensor, if it lies in 0 … size − 1. */
  static int inRange(Kernel op, double index, int size, int position) {
    return inRange(op.name(), index, size, position);
  }

  static int inRange(String op, double index, int size, int position) {
    if (!(index >= 0 && index < size)) {
      throw new IndexOutOfBoundsException(
          op
              + ": index "
              + (long) index
              + " at element "
              + position
              + " lies outside 0 to "
              + (size - 1));
    }
    return (int) index;
  }
}
