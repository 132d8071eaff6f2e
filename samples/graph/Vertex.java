package org.adjoint.samples.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * A value or an operation in the picture: what it says, what it is made from, where it is drawn.
 */
final class Vertex {
  /** Why something is written, which is its colour too. */
  enum Kind {
    NAME,
    SHAPE,
    VALUE,
    GRADIENT
  }

  /** One line of its text. */
  record Line(Kind kind, String text) {}

  static final int LINE_HEIGHT = 16;

  /** The advance of a monospaced letter of 12 pixels, rounded up. */
  private static final double LETTER = 7.4;

  private static final int PADDING = 8;

  final boolean operation;
  final List<Line> lines;

  /** In the order of the operation's parameters. */
  final List<Vertex> inputs = new ArrayList<>();

  int layer;

  // The middle; y runs downwards.
  double x;
  double y;

  Vertex(boolean operation, List<Line> lines) {
    this.operation = operation;
    this.lines = lines;
  }

  double width() {
    int letters = lines.stream().mapToInt(line -> line.text().length()).max().orElse(0);
    return around(letters * LETTER);
  }

  double height() {
    int rows = Math.max(lines.size(), operation ? inputs.size() : 1);
    return around(rows * LINE_HEIGHT);
  }

  /** An ellipse must be √2 as large as the rectangle that it holds. */
  private double around(double text) {
    return operation ? text + 2 * PADDING : text * Math.sqrt(2) + PADDING;
  }

  /** How far below the middle the edge from input {@code i} arrives: one below the other. */
  double port(int i) {
    return (i - (inputs.size() - 1) / 2.0) * LINE_HEIGHT;
  }
}
