package org.adjoint.bench.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.bench.Result.Ratio;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.Relu;
import org.adjoint.op.Tanh;
import org.junit.jupiter.api.Test;

class PeerRoundsTest {
  private static final int ROUNDS = 6;

  private final List<String> notes = new ArrayList<>();

  private static PeerCase relu() {
    OpSpec spec = OpCatalog.of(Relu.class);
    return PeerCase.of(spec, new Relu(), DType.F32, false, Tensor.of(-1f, 2f, 3f));
  }

  private Map<String, Map<String, Ratio>> ratios(TorchPeer torch, PeerCase one) {
    PeerRounds rounds = new PeerRounds(torch, ROUNDS, notes::add);
    return rounds.ratios(
        one,
        Map.of("quick", n -> Collections.nCopies(n, 0.001), "slow", n -> List.of(0.004, 0.004)));
  }

  @Test
  void ratiosAreOfThoseWhoComputeTheSameAndTheOthersAreNamedInOneLine() {
    try (TorchPeer torch =
        FakeTorch.of(
            notes::add,
            "torch-eager=right",
            "torch-compile=wrong",
            "torch-graph=dies",
            "triton=fails")) {
      Map<String, Map<String, Ratio>> ratios = ratios(torch, relu());
      assertEquals(Set.of("torch-eager"), ratios.get("quick").keySet());
      assertEquals(new Ratio(2, 2, 2), ratios.get("quick").get("torch-eager"));
      assertEquals(new Ratio(0.5, 0.5, 0.5), ratios.get("slow").get("torch-eager"));
      assertEquals(
          List.of(
              "relu [3]: torch-compile: computes something else: output 0, element 0: expected 0.0,"
                  + " got -1.0, bound 3.58e-07",
              "relu [3]: torch-graph: pytorch: ended with status 3: CUDA error: an illegal memory"
                  + " access was encountered",
              "relu [3]: triton: pytorch: 'outputs triton': fail RuntimeError('no kernel')"),
          notes);
      assertEquals(Map.of("torch", "fake"), torch.versions());
    }
  }

  @Test
  void whoHangsOrTalksNonsenseIsLeftOut() {
    try (TorchPeer torch =
        FakeTorch.of(
            notes::add,
            "torch-eager=hangs",
            "torch-compile=babbles",
            "torch-graph=short",
            "triton=right",
            "other=timeless",
            "another=forgets")) {
      assertEquals(Set.of("triton"), ratios(torch, relu()).get("quick").keySet());
      assertEquals(5, notes.size(), notes.toString());
      assertEquals(
          "relu [3]: torch-eager: pytorch: no answer to 'outputs torch-eager' in 3 s",
          notes.get(0));
      assertEquals(
          "relu [3]: torch-compile: pytorch: 'outputs torch-compile': bla bla", notes.get(1));
      assertTrue(notes.get(2).contains(" holds 11 bytes of "), notes.get(2));
      assertTrue(notes.get(3).contains("another: its outputs cannot be read: "), notes.get(3));
      assertTrue(notes.get(4).contains("'cold other 20' was answered by no times"), notes.get(4));
      assertTrue(notes.stream().noneMatch(note -> note.contains("\n")), notes.toString());
    }
  }

  @Test
  void aProcessThatDiesDuringTheRoundsIsThereAgainForTheNextCase() {
    try (TorchPeer torch =
        FakeTorch.of(notes::add, "torch-eager=right", "torch-graph=dies-later")) {
      assertEquals(Map.of(), ratios(torch, relu()).get("quick"));
      assertEquals(1, notes.size(), notes.toString());
      assertFalse(torch.isAlive());
      PeerCase other =
          PeerCase.of(OpCatalog.of(Tanh.class), new Tanh(), DType.F32, false, Tensor.of(0.5f));
      assertEquals(Map.of(), ratios(torch, other).get("quick"));
      assertTrue(torch.isAlive());
      assertEquals(1, notes.size(), notes.toString());
    }
  }

  @Test
  void roundsOfAThrottledClockAreTakenAgainAndThenGivenUp() {
    try (TorchPeer torch = FakeTorch.of(notes::add, "torch-eager=right", "throttled=5")) {
      assertEquals(1, ratios(torch, relu()).get("quick").size());
      assertEquals(List.of(), notes);
    }
    try (TorchPeer torch = FakeTorch.of(notes::add, "torch-eager=right", "throttled=999")) {
      assertEquals(Map.of(), ratios(torch, relu()).get("quick"));
      assertEquals(
          List.of("relu [3]: no ratios: the clock was throttled nearly all the time"), notes);
    }
  }

  @Test
  void whoIsNotThereIsMissedOnce() {
    try (TorchPeer torch = new TorchPeer(List.of("/no/such/python"), notes::add)) {
      assertEquals(Map.of(), ratios(torch, relu()).get("quick"));
      assertEquals(Map.of(), ratios(torch, relu()).get("slow"));
      assertEquals(1, notes.size(), notes.toString());
      assertTrue(notes.get(0).startsWith("relu [3]: pytorch: cannot be started: "), notes.get(0));
      assertThrows(IllegalArgumentException.class, () -> new PeerRounds(torch, 4, notes::add));
    }
  }
}
