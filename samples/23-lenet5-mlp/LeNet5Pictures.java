package org.adjoint.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.adjoint.samples.Verdicts.Verdict;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.common.Grid;
import org.adjoint.samples.common.Pictures;
import org.adjoint.samples.common.Series;
import org.adjoint.samples.data.Digits;

/** The errors of both networks after each epoch, and the digits that one or both got wrong. */
final class LeNet5Pictures {
  private static final int MOST = 32;

  private LeNet5Pictures() {}

  static void draw(RunOptions run, List<Contestant> all, Digits digits, Verdicts verdicts) {
    Pictures pictures = Lesson.pictures(run);
    if (!all.getFirst().history().isEmpty()) {
      pictures.lines(
          "errors.png",
          "LeNet-5 and an MLP on " + digits.name(),
          "epoch",
          "test digits wrong, %",
          all.stream().map(LeNet5Pictures::line).toList());
    }
    Page page = new Page(pictures, digits);
    page.draw(
        "both.png", verdicts.both(), "by both (LeNet-5, MLP)", v -> v.first() + ", " + v.second());
    page.draw("lenet5.png", verdicts.first(), "by LeNet-5 alone", v -> "" + v.first());
    page.draw("mlp.png", verdicts.second(), "by the MLP alone", v -> "" + v.second());
  }

  private static Series line(Contestant one) {
    String name = "%s, %,d parameters".formatted(one.name(), one.model().parameterCount());
    return Series.counted(name, one.values(epoch -> 100 * Contestant.error(epoch)));
  }

  private record Page(Pictures pictures, Digits digits) {
    /** The first of some digits, each under what it is and what it was taken for. */
    void draw(String file, List<Verdict> verdicts, String by, Function<Verdict, String> answer) {
      if (verdicts.isEmpty()) {
        return;
      }
      List<Verdict> shown = verdicts.subList(0, Math.min(MOST, verdicts.size()));
      List<float[][]> images = new ArrayList<>();
      for (Verdict v : shown) {
        images.addAll(LeNetPictures.images(digits.testImages().slice(0, v.image(), v.image() + 1)));
      }
      pictures.grid(
          file,
          "Misread "
              + by
              + ": "
              + verdicts.size()
              + (shown.size() < verdicts.size() ? ", the first ones" : ""),
          Grid.of(images)
              .withCaptions(shown.stream().map(v -> v.label() + " as " + answer.apply(v)).toList())
              .withColumns(8)
              .withZoom(3));
    }
  }
}
