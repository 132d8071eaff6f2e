package org.adjoint.samples.common;

import java.util.List;

/**
 * A table of numbers, to be drawn in shades.
 *
 * @param rowTitle what the rows differ in
 * @param rows one label each, from the top
 * @param columnTitle what the columns differ in
 * @param columns one label each, from the left
 * @param values row by row
 * @param format of a number in its cell, as {@link String#format} takes it
 */
public record HeatMap(
    String rowTitle,
    List<String> rows,
    String columnTitle,
    List<String> columns,
    double[][] values,
    String format) {
  /** Refuses labels that are not one for each row and one for each column. */
  public HeatMap {
    rows = List.copyOf(rows);
    columns = List.copyOf(columns);
    boolean fits = !rows.isEmpty() && !columns.isEmpty() && values.length == rows.size();
    for (double[] row : values) {
      fits &= row.length == columns.size();
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "heat map: the values must have a row for each of %d labels, with %d numbers"
              .formatted(rows.size(), columns.size()));
    }
  }
}
