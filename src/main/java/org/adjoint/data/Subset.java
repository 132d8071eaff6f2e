package org.adjoint.data;

import java.util.Arrays;

/** Some examples of another data set. */
@SuppressWarnings("ArrayRecordComponent") // no one compares two data sets by equals
record Subset(Dataset whole, int[] rows) implements Dataset {
  Subset {
    for (int row : rows) {
      if (row < 0 || row >= whole.size()) {
        throw new IndexOutOfBoundsException(
            "subset: there is no example " + row + " among " + whole.size());
      }
    }
  }

  @Override
  public int size() {
    return rows.length;
  }

  @Override
  public Batch get(int... some) {
    return whole.get(Arrays.stream(some).map(i -> rows[i]).toArray());
  }
}
