package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reductions, joining, indexing and einsum against PyTorch: values and gradients. */
class ReduceGoldenTest {
  private static final String FILE = "reduce.txt";
  private static final double ULPS = 16;
  private static final double INF = Double.POSITIVE_INFINITY;

  private static final Map<String, Function<Tensor[], Tensor>> CALLS = new HashMap<>();

  private static void call(String name, Function<Tensor[], Tensor> call) {
    CALLS.put(name, call);
  }

  static {
    call("max axis", x -> x[0].max(1));
    call("max of ties", x -> x[0].max(1));
    call("max indices of ties", x -> Max.picked(x[0], 1).indices());
    call("max with NaN", x -> x[0].max(1));
    call("max indices with NaN", x -> Max.picked(x[0], 1).indices());
    call("max of all", x -> x[0].max());
    call("min axis", x -> x[0].min(-1));
    call("min of all", x -> x[0].min());
    call("min indices with NaN", x -> Min.picked(x[0], 1).indices());
    call("argmin", x -> x[0].argmin(1));
    call("var", x -> x[0].var());
    call("var axes", x -> x[0].var(0, 2));
    call("var correction 0", x -> Var.of(x[0], 0, 1));
    call("var of a far mean", x -> x[0].var(0));
    call("std", x -> x[0].std());
    call("std axis", x -> x[0].std(0));
    call("std correction 0", x -> Std.of(x[0], 0, 1));
    call("std of equals", x -> x[0].std(0));
    call("norm", x -> x[0].norm());
    call("norm of zeros", x -> x[0].norm(2, 0));
    call("norm 1", x -> x[0].norm(1, 0, 2));
    call("norm 1 with zeros", x -> x[0].norm(1, 0));
    call("norm infinity", x -> x[0].norm(INF, 1, 2));
    call("norm 3", x -> x[0].norm(3, 1));
    call("norm 3 of zeros", x -> x[0].norm(3, 0));
    call("prod", x -> x[0].prod());
    call("prod axis", x -> x[0].prod(1));
    call("prod one zero", x -> x[0].prod(0));
    call("prod two zeros", x -> x[0].prod(1));
    call("cumsum", x -> x[0].cumsum(1));
    call("logsumexp", x -> x[0].logsumexp(1));
    call("logsumexp of large", x -> x[0].logsumexp(0));
    call("count", x -> NonZero.count(x[0], 0, 2));
    call("any", x -> NonZero.any(x[0], 1));
    call("all", x -> NonZero.all(x[0], 1));
    call("concat", x -> Tensor.concat(1, x));
    call("stack", x -> Tensor.stack(1, x));
    call("split", x -> x[0].split(2, 1, 0, 3)[2]);
    call("chunk", x -> x[0].chunk(0, 3)[2]);
    call("repeat", x -> x[0].repeat(2, 1, 3));
    call("interleave", x -> Repeat.interleave(x[0], 1, 3));
    call("unfold", x -> Unfold.of(x[0], 1, 3, 2));
    call("pad constant", x -> Pad.constant(x[0], 1.5, 1, 2, 0, 3));
    call("pad reflect", x -> Pad.reflect(x[0], 3, 1));
    call("pad reflect 2", x -> Pad.reflect(x[0], 1, 2, 2, 1));
    call("pad replicate", x -> Pad.replicate(x[0], 4, 1, 0, 2));
    call("masked fill", x -> x[0].maskedFill(x[1], -1.5));
    call("masked select", x -> MaskedSelect.of(x[0], x[1]));
    call("one-hot", x -> x[0].oneHot(5));
    call("sort", x -> x[0].sort(1).values());
    call("sort descending", x -> Sort.of(x[0], 0, true).values());
    call("sort indices", x -> x[0].sort(1).indices());
    call("sort descending indices", x -> Sort.of(x[0], 1, true).indices());
    call("sort NaN", x -> x[0].sort(0).values());
    call("sort descending NaN", x -> Sort.of(x[0], 0, true).indices());
    call("top-k", x -> TopK.of(x[0], 2, 1).values());
    call("top-k indices", x -> TopK.of(x[0], 3).indices());
    call("tril", x -> x[0].tril(1));
    call("triu", x -> x[0].triu(-1));
    call("gather", x -> x[0].gather(1, x[1]));
    call("scatter", x -> Scatter.of(x[0], 1, x[1].sort(1).indices().slice(1, 0, 2), x[2]));
    call("scatter add", x -> new Gather.ScatterAdd(1, 3).apply(x[0], x[1]));
    call("roll", x -> Roll.of(x[0], 1, -2));
    call("diagonal", x -> Diagonal.of(x[0], 2, 0));
    call("diagonal embed", x -> Diagonal.embed(x[0]));
    for (Named<Golden> golden : goldens().toList()) {
      if (golden.getName().startsWith("einsum ")) {
        String equation = golden.getName().substring("einsum ".length());
        call(golden.getName(), x -> Einsum.of(equation, x));
      }
    }
  }

  static Stream<Named<Golden>> goldens() {
    try {
      return Golden.read(FILE).stream().map(golden -> Named.of(golden.name(), golden));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void isWhatPyTorchComputes(Golden golden) {
    Function<Tensor[], Tensor> call = CALLS.get(golden.name());
    assertNotNull(call, golden.name());
    golden.check(call, ULPS);
  }

  @Test
  void everyCallHasACaseAndViceVersa() {
    List<String> cases = goldens().map(Named::getName).toList();
    assertEquals(cases.size(), Set.copyOf(cases).size());
    assertEquals(new HashSet<>(cases), CALLS.keySet());
  }
}
