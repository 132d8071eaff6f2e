package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.samples.data.Digits;

/**
 * A digit that was taken for another.
 *
 * @param image its number in the test set
 * @param label what it is
 * @param answer what it was taken for
 */
record Misread(int image, long label, long answer) {
  /** All test digits that were misread, in their order. */
  static List<Misread> among(long[] answers, Digits digits) {
    long[] labels = digits.testLabels().toLongs();
    List<Misread> misread = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      if (answers[i] != labels[i]) {
        misread.add(new Misread(i, labels[i], answers[i]));
      }
    }
    return misread;
  }
}
