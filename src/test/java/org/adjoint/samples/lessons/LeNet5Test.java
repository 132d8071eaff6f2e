package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.adjoint.bench.Epoch;
import org.adjoint.samples.LeNet5;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.data.DrawnDigits;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeNet5Test {
  private static final int LEARNED = 240;
  private static final int TESTED = 100;

  @TempDir Path folder;

  @BeforeEach
  void fewDigits() throws Exception {
    FewDigits.write(folder, DrawnDigits.draw(7, LEARNED, TESTED));
  }

  private Lessons.Ran learn(String... options) throws Exception {
    Stream<String> all =
        Stream.concat(Stream.of("--data=" + folder, "--batch=10"), Stream.of(options));
    return Lessons.measure(folder, new LeNet5(), all.toArray(String[]::new));
  }

  @Test
  void bothLearnAndTheirErrorsAddUp() throws Exception {
    Lessons.Ran ran = learn("--epochs=3", "--lr=0.05");
    assertEquals(61_706, ran.results().parameters());
    assertEquals(266_610, ran.figure("MLP: parameters"));
    assertEquals(266_610, ran.figure("MLP (digits unmoved): parameters"));
    List<Epoch> epochs = ran.results().epochs();
    assertTrue(epochs.getLast().trainLoss() < 0.7 * epochs.getFirst().trainLoss(), "" + epochs);
    double lenet = error(ran);
    double mlp = ran.figure("MLP: test error");
    assertTrue(Math.max(lenet, mlp) < 0.5, lenet + " and " + mlp); // of guessing: 0.9
    double both = ran.figure("wrong by both");
    assertEquals(TESTED * lenet, both + ran.figure("wrong by LeNet-5 alone"), 1e-9);
    assertEquals(TESTED * mlp, both + ran.figure("wrong by the MLP alone"), 1e-9);
    for (String picture : List.of("errors", "both", "lenet5", "mlp")) {
      assertTrue(Files.exists(folder.resolve(picture + ".png")), picture);
    }
  }

  @Test
  void movedDigitsAreAllThatTellsThePerceptronsApart() throws Exception {
    Lessons.Ran moved = learn("--epochs=1");
    Lessons.Ran still = learn("--epochs=1", "--shift=0");
    assertEquals(still.figure("MLP: test error"), moved.figure("MLP (digits unmoved): test error"));
    assertThrows(AssertionError.class, () -> still.figure("MLP (digits unmoved): test error"));
    assertNotEquals(loss(moved), loss(still));
  }

  @Test
  void networksThatHaveNotLearnedAreTested() throws Exception {
    Lessons.Ran ran = learn("--epochs=0");
    assertEquals(List.of(), ran.results().epochs());
    assertTrue(ran.figure("wrong by both") > TESTED / 2, ran.results().toString());
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    String numbers = "--epochs must be at least 0, --batch at least 1, --lr above 0";
    assertEquals(numbers, refusal("--epochs=-1"));
    assertEquals(numbers, refusal("--batch=0"));
    assertEquals(numbers, refusal("--lr=0"));
    assertEquals(numbers, refusal("--lr=NaN"));
    assertEquals("--shift must be in 0..14", refusal("--shift=15"));
    assertEquals("--shift must be in 0..14", refusal("--shift=-1"));
  }

  private static double error(Lessons.Ran ran) {
    Double error = ran.results().epochs().getLast().testError();
    if (error == null) {
      throw new NoSuchElementException("the last epoch has no test error");
    }
    return error;
  }

  private static double loss(Lessons.Ran ran) {
    return ran.results().epochs().getLast().trainLoss();
  }

  private static String refusal(String option) {
    return String.valueOf(
        assertThrows(UserError.class, () -> Lessons.run(new LeNet5(), option)).getMessage());
  }
}
