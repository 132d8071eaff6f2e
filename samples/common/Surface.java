package org.adjoint.samples.common;

/**
 * A function of x and y over a rectangle, by its values on a grid.
 *
 * @param values as rows from {@code bottom} to {@code top}, each from {@code left} to {@code
 *     right}; the first and the last lie on the edges
 */
public record Surface(double left, double right, double bottom, double top, double[][] values) {
  /** Refuses a rectangle without an inside, and rows of several lengths. */
  public Surface {
    if (!(left < right && bottom < top) || values.length < 2 || values[0].length < 2) {
      throw new IllegalArgumentException(
          "surface: x from %s to %s, y from %s to %s, %d rows; expected a rectangle of 2 and more"
              .formatted(left, right, bottom, top, values.length));
    }
    for (double[] row : values) {
      if (row.length != values[0].length) {
        throw new IllegalArgumentException("surface: rows of more than one length");
      }
    }
  }

  /** The value at a place inside, between the four nearest values of the grid. */
  double at(double x, double y) {
    double column = (x - left) / (right - left) * (values[0].length - 1);
    double row = (y - bottom) / (top - bottom) * (values.length - 1);
    int c = Math.clamp((long) column, 0, values[0].length - 2);
    int r = Math.clamp((long) row, 0, values.length - 2);
    double along = column - c;
    double up = row - r;
    return (1 - up) * ((1 - along) * values[r][c] + along * values[r][c + 1])
        + up * ((1 - along) * values[r + 1][c] + along * values[r + 1][c + 1]);
  }
}
