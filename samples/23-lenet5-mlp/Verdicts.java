package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.samples.data.Digits;

/**
 * The test digits that at least one of two networks got wrong, by which of them did.
 *
 * @param first by the first alone
 * @param second by the second alone
 * @param both by both
 */
record Verdicts(List<Verdict> first, List<Verdict> second, List<Verdict> both) {
  /**
   * A digit, and what the two took it for.
   *
   * @param image its number in the test set
   */
  record Verdict(int image, long label, long first, long second) {}

  /** Goes through the test digits in their order. */
  static Verdicts of(long[] first, long[] second, Digits digits) {
    long[] labels = digits.testLabels().toLongs();
    List<Verdict> firstAlone = new ArrayList<>();
    List<Verdict> secondAlone = new ArrayList<>();
    List<Verdict> both = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      boolean firstWrong = first[i] != labels[i];
      boolean secondWrong = second[i] != labels[i];
      if (firstWrong || secondWrong) {
        List<Verdict> where =
            firstWrong && secondWrong ? both : firstWrong ? firstAlone : secondAlone;
        where.add(new Verdict(i, labels[i], first[i], second[i]));
      }
    }
    return new Verdicts(firstAlone, secondAlone, both);
  }
}
