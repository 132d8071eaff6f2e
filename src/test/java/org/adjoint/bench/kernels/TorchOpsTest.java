package org.adjoint.bench.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.adjoint.DType;
import org.adjoint.autograd.Op;
import org.adjoint.bench.Contender.Lost;
import org.adjoint.op.Draw;
import org.adjoint.op.MatMul;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.adjoint.op.RowNorm;
import org.adjoint.op.Softmax;
import org.adjoint.op.SoftmaxNll;
import org.adjoint.optim.StepOp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What PyTorch is told to compute is what the operations of the catalog are. */
class TorchOpsTest {
  /** Those that nobody times on a GPU, or that PyTorch has no kernel for. */
  private static final Set<String> UNMAPPED =
      Set.of(
          "cholesky",
          "eigh",
          "expand",
          "permute",
          "reshape",
          "slice",
          "solve",
          "svd",
          "to_device",
          "unrolled_gradient");

  private static final SoftmaxNll NLL = new SoftmaxNll(SoftmaxNll.NONE, 0);
  private static final Op NLL_GRADIENT = new SoftmaxNll.InputGrad(NLL);
  private static final Path SCRIPT = Path.of("bench/peers/torch_kernels.py").toAbsolutePath();

  private static final List<String> NOTES = new ArrayList<>();
  private static final TorchPeer TORCH = new TorchPeer(script("torch-eager"), NOTES::add);

  @BeforeAll
  static void findPyTorch() {
    agreeing(TORCH, OpCatalog.of(Softmax.class), DType.F32);
    for (String why : List.of("has no PyTorch", "cannot be started")) {
      assumeTrue(NOTES.stream().noneMatch(note -> note.contains(why)), () -> NOTES.get(0));
    }
  }

  @AfterEach
  void forget() {
    NOTES.clear();
  }

  private static List<String> script(String peer) {
    String python = Objects.requireNonNullElse(System.getenv("ADJOINT_PYTHON"), "python3");
    return List.of(python, SCRIPT.toString(), "--device", "cpu", "--only", peer);
  }

  @AfterAll
  static void stop() {
    TORCH.close();
  }

  @Test
  void everyMappedOperationIsTheOne() {
    Set<String> unmapped = new TreeSet<>();
    for (OpSpec spec : OpCatalog.all()) {
      if (spec.type() != null && agreeing(TORCH, spec, DType.F32) == 0) {
        unmapped.add(spec.name());
      }
    }
    assertEquals(List.of(), NOTES);
    assertEquals(new TreeSet<>(UNMAPPED), unmapped);
  }

  private static int agreeing(TorchPeer torch, OpSpec spec, DType dtype) {
    int agreeing = 0;
    for (Example example : spec.examples()) {
      Op op = example.op();
      if (op != null && !UNMAPPED.contains(spec.name())) {
        Draw[] inputs = example.inputs().toArray(Draw[]::new);
        agreeing += torch.load(PeerCase.drawn(spec, op, dtype, false, inputs)).size();
      }
    }
    return agreeing;
  }

  /** In half of the digits, and what rounds its factors. */
  @Test
  void theSameInBf16() {
    for (Op op : List.of(new MatMul(), new Softmax(1), new RowNorm(1), NLL_GRADIENT)) {
      agreeing(TORCH, OpCatalog.of(op.getClass()), DType.BF16);
    }
    assertEquals(List.of(), NOTES);
  }

  /** Triton interprets its kernels where there is no GPU. */
  @Test
  void kernelsInTritonAreTheSame() {
    List<String> command = new ArrayList<>(List.of("env", "TRITON_INTERPRET=1"));
    command.addAll(script("triton"));
    try (TorchPeer triton = new TorchPeer(command, NOTES::add)) {
      Map<String, Integer> agreeing = new TreeMap<>();
      for (Op op : List.of(new Softmax(1), new RowNorm(1), new MatMul(), NLL, NLL_GRADIENT)) {
        agreeing.put(op.name(), agreeing(triton, OpCatalog.of(op.getClass()), DType.F32));
      }
      assumeTrue(triton.versions().containsKey("triton"), "no Triton here");
      assertEquals(List.of(), NOTES);
      assertTrue(agreeing.values().stream().allMatch(n -> n > 0), agreeing.toString());
    }
  }

  /** They write over their inputs, again and again while they are timed. */
  @Test
  void stepsOfOptimisersAreTheSame() throws Lost {
    Set<String> mapped = new TreeSet<>();
    for (StepOp step : StepOp.all()) {
      PeerCase one = PeerCase.drawn(step.spec(), step, DType.F32, false, step.draws(5, 129));
      for (String peer : TORCH.load(one)) {
        mapped.add(step.name());
        assertEquals(3, TORCH.cold(peer, 3).size());
        assertEquals(List.of(peer), TORCH.load(one));
      }
    }
    assertEquals(List.of(), NOTES);
    assertEquals(Set.of("adam", "adam_amsgrad", "sgd", "sgd_momentum"), mapped);
  }
}
