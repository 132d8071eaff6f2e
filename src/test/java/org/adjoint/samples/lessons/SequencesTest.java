package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.samples.AttentionByHand;
import org.adjoint.samples.CharRnn;
import org.adjoint.samples.LstmByHand;
import org.adjoint.samples.TopFifteen;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequencesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void lstmByHandIsTheOperationAndTheLayer(long seed) throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new LstmByHand(), "--seed=" + seed);
    assertEquals(144, ran.results().parameters()); // 4 · (4·3 + 4·4 + 4 + 4)
    double f32 = ran.figure("Lstm, share of the bound");
    assertTrue(f32 > 1e-3 && f32 <= 1, ran.results().toString());
    assertTrue(ran.figure("Lstm, bound") < 1e-4, ran.results().toString());
    assertTrue(ran.figure("lstm_cell, share of the bound") <= 1, ran.results().toString());
    double gradient = ran.figure("gradient, largest relative difference");
    assertTrue(gradient > 0 && gradient <= 1e-7, ran.results().toString());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void attentionFindsWhatIsWanted(long seed) throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new AttentionByHand(), "--seed=" + seed);
    assertEquals(272, ran.results().parameters()); // 2 · 16·8 + 16
    assertTrue(ran.figure("difference from Attention") <= 1e-12, ran.results().toString());
    assertTrue(ran.figure("sum of shares, largest difference from 1") <= 1e-6);
    double gradient = ran.figure("gradient, largest relative difference");
    assertTrue(gradient > 0 && gradient <= 1e-7, ran.results().toString());
    assertEquals(Math.log(6), ran.figure("entropy before"), 0.02);
    assertTrue(ran.figure("entropy after") < 0.2, ran.results().toString());
    assertTrue(ran.figure("dot, share of what is wanted") > 0.7, ran.results().toString());
    assertTrue(ran.figure("mlp, share of what is wanted") > 0.95, ran.results().toString());
    assertTrue(Files.exists(folder.resolve("attention-dot.png")));
    assertTrue(Files.exists(folder.resolve("attention-mlp.png")));
  }

  @Test
  void attentionLearnsFromItsStepsAlone() throws Exception {
    Lessons.Ran ran = Lessons.measure(folder, new AttentionByHand(), "--steps=0");
    assertEquals(1 / 6.0, ran.figure("mlp, share of what is wanted"), 0.05);
    assertThrows(UserError.class, () -> Lessons.run(new AttentionByHand(), "--steps=-1"));
  }

  @Test
  void anotherDeviceIsOneLine() {
    for (Callable<Integer> sample :
        List.of(new TopFifteen(), new AttentionByHand(), new CharRnn())) {
      UserError error =
          assertThrows(UserError.class, () -> Lessons.run(sample, "--device", "cuda:99"));
      assertEquals(1, String.valueOf(error.getMessage()).lines().count());
    }
  }
}
