package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adjoint.samples.CharRnn;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CharRnnTest {
  private static final String RHYME =
      """
      The rain in the lane is the same as the rain
      That ran in the lane when the lane was a plain;
      And when it is done it will rain there again.
      """;

  @TempDir Path folder;

  private Path rhyme() throws Exception {
    return Files.writeString(folder.resolve("rhyme.txt"), RHYME.repeat(50));
  }

  @Test
  void aRhymeIsLearnedFromNothing() throws Exception {
    String text = "--text=" + rhyme();
    Lessons.Ran ran = Lessons.measure(folder, new CharRnn(), text, "--steps=35", "--write=150");
    double nothing = Math.log((double) RHYME.chars().distinct().count());
    assertEquals(nothing, ran.figure("loss of knowing nothing"), 1e-12);
    assertEquals(nothing, ran.figure("loss before"), 0.02 * nothing);
    assertTrue(ran.figure("loss after") < 0.5 * nothing, ran.results().toString());
    assertTrue(ran.figure("real words before") < 0.3, ran.results().toString());
    assertTrue(ran.figure("real words after") > 0.5, ran.results().toString());
    assertTrue(Files.exists(folder.resolve("char-rnn.png")));
  }

  @Test
  void theSameSeedWritesTheSame() throws Exception {
    String text = "--text=" + rhyme();
    List<String> once = Lessons.run(new CharRnn(), text, "--steps=0", "--write=40");
    assertEquals(once, Lessons.run(new CharRnn(), text, "--steps=0", "--write=40"));
    assertNotEquals(once, Lessons.run(new CharRnn(), text, "--steps=0", "--write=40", "--seed=1"));
  }

  @Test
  void whatIsMissingIsOneLine() throws Exception {
    Path small = Files.writeString(folder.resolve("small.txt"), "too small");
    assertEquals(small + ": a text needs 1000 characters", refusal("--text=" + small));
    // Characters outside the first plane are one each, though Java's chars are two.
    Files.writeString(small, Character.toString(0x1D11E).repeat(999));
    assertEquals(small + ": a text needs 1000 characters", refusal("--text=" + small));
    assertEquals(
        "--steps and --write must be at least 0", refusal("--text=" + rhyme(), "--steps=-1"));
    assertEquals(
        folder.resolve("none") + ": no such file", refusal("--text=" + folder.resolve("none")));
    assertEquals(
        "no Shakespeare; give --text: tinyshakespeare/input.txt.gz is not in "
            + folder
            + "; name its folder with --data or ADJOINT_DATA",
        refusal("--data=" + folder));
  }

  private static String refusal(String... args) {
    return String.valueOf(
        assertThrows(UserError.class, () -> Lessons.run(new CharRnn(), args)).getMessage());
  }
}
