package org.adjoint.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Span;
import org.adjoint.Tensor;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.optim.Clip;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;

class TrainingProfileTest {
  private final Tensor w = Tensor.of(1.0f, 2, 3).requireGrad();
  private final Sgd sgd = new Sgd(Map.of("w", w), 0.1, 0);

  private void train(int steps) {
    Tensor data = Tensor.normal(new Philox(1), steps, 3);
    try (Span _ = Span.open("training")) { // of which single steps know nothing
      for (Batch batch : Loader.inOrder(data, data, 1)) {
        try (batch;
            Scope _ = Scope.open()) {
          Tensor loss = w.mul(batch.inputs()).abs().sum();
          sgd.zeroGrad();
          loss.backward();
          Clip.norm(Map.of("w", w).values(), 1);
          sgd.step();
          loss.item();
        }
      }
    }
  }

  private static List<String> names(List<Span> spans) {
    return spans.stream().map(Span::name).toList();
  }

  @Test
  void stepsAreCountedByTheOptimiser() {
    try (TrainingProfile training = TrainingProfile.start(4, 3)) {
      train(20);
      Profile profile = training.profile();
      assertEquals(List.of("step 5", "step 6", "step 7"), names(profile.steps()));
      for (String once : List.of("next batch", "sgd", "sgd.step", "clip", "abs", "backward")) {
        long expected = once.equals("abs") ? 6 : 3; // itself, and its gradient
        assertEquals(expected, names(profile.spans()).stream().filter(once::equals).count(), once);
      }
      assertTrue(profile.usual() > 0);
      long sum = profile.rows(null).stream().mapToLong(Row::nanos).sum();
      assertEquals(profile.nanos(), sum);
      TraceFile file = TraceFile.of(new ChromeTrace(profile).text());
      assertEquals(3, file.in("step").size());
      training.close();
      String head = profile.table().lines().findFirst().orElseThrow();
      assertTrue(
          head.matches("step 5 to step 7, each: .* ms; others, of which nothing is noted: .*"),
          head);
    }
  }

  @Test
  void aTrainingMayEndAmidThem() {
    try (TrainingProfile training = TrainingProfile.start(4, 3)) {
      train(6);
      Grad.off(() -> w.exp()); // a test, say, which is no part of a step
      assertEquals(List.of("step 5", "step 6"), names(training.profile().steps()));
      assertFalse(names(training.profile().spans()).contains("exp"));
    }
  }

  @Test
  void tooFewStepsAreToldOf() {
    try (TrainingProfile training = TrainingProfile.start(4, 3)) {
      train(4);
      assertEquals(
          "profile: the training took 4 steps, too few to profile those after step 4",
          assertThrows(IllegalStateException.class, training::profile).getMessage());
    }
    assertEquals(
        "profile: 3 steps after 0; each must be at least 1",
        assertThrows(IllegalArgumentException.class, () -> TrainingProfile.start(0, 3))
            .getMessage());
  }

  @Test
  void aRunWithoutStepsIsProfiledWhole() {
    try (TrainingProfile training = TrainingProfile.start(4, 3)) {
      Grad.off(() -> w.mul(w).abs());
      Profile profile = training.profile();
      assertEquals(List.of("the whole run", "mul", "abs"), names(profile.spans()));
    }
  }

  @Test
  void afterAnExceptionTheThreadIsFree() {
    assertThrows(
        ArithmeticException.class,
        () -> {
          try (TrainingProfile _ = TrainingProfile.start(1, 3)) {
            train(2);
            throw new ArithmeticException("in the middle of step 3");
          }
        });
    assertEquals(1, Profile.of(w::abs).steps().size());
  }
}
