package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.autograd.Transfer;
import org.adjoint.autograd.View;
import org.adjoint.backend.Dense;
import org.adjoint.op.Draw;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.junit.jupiter.api.Test;

class StretchTest {
  private static final int WANTED = 24;

  /** An operation that takes nothing but what its example has. */
  private record Rigid() implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      if (!in[0].shape().equals(Shape.of(2, 3))) {
        throw new IllegalArgumentException("rigid: " + in[0].shape());
      }
      return in;
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      throw new AssertionError();
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      throw new AssertionError();
    }
  }

  private static Set<Long> sizes(List<Example> examples) {
    return examples.stream()
        .flatMap(example -> example.inputs().stream())
        .flatMap(draw -> Arrays.stream(draw.shape().toArray()).boxed())
        .collect(Collectors.toSet());
  }

  @Test
  void nearlyEveryOperationTakesMostOfWhatIsDrawn() {
    Set<String> fewer = new HashSet<>();
    for (OpSpec spec : OpCatalog.all()) {
      boolean computes =
          spec.examples().stream()
              .map(Example::op)
              .anyMatch(op -> op != null && !(op instanceof View) && !(op instanceof Transfer));
      int drawn = Stretch.of(spec, 1, WANTED, 300_000).examples().size();
      assertEquals(computes, drawn > 0, spec.name());
      if (computes && drawn < WANTED / 2) {
        fewer.add(spec.name());
      }
    }
    // A view, were it not that it may copy; and recurrences, whose parameters are packed.
    assertTrue(Set.of("reshape", "unrolled_gradient").containsAll(fewer), fewer.toString());
  }

  @Test
  void sizesLieAroundBlocksAndBeyondGrids() {
    OpSpec matmul =
        OpCatalog.all().stream().filter(s -> s.name().equals("matmul")).findAny().orElseThrow();
    Set<Long> seen = new HashSet<>();
    for (long seed = 1; seed <= 8; seed++) {
      Stretch stretch = Stretch.of(matmul, seed, WANTED, 600_000);
      seen.addAll(sizes(stretch.examples()));
      for (Example example : stretch.examples()) {
        assertTrue(example.inputs().stream().allMatch(d -> d.shape().count() <= 600_000));
      }
      assertEquals(stretch, again(matmul, seed, stretch));
    }
    for (long size : new long[] {0, 1, 15, 16, 17, 63, 65, 127, 129, 255, 257, 1023, 1025}) {
      assertTrue(seen.contains(size), size + " is missing in " + seen);
    }
    assertTrue(seen.stream().anyMatch(size -> size > 65_535), seen.toString());
  }

  /** The one that is given, if the same examples are drawn again. */
  private static Stretch again(OpSpec spec, long seed, Stretch first) {
    Stretch second = Stretch.of(spec, seed, WANTED, 600_000);
    List<String> a = first.examples().stream().map(Example::label).toList();
    List<String> b = second.examples().stream().map(Example::label).toList();
    return a.equals(b) && first.refused() == second.refused() ? first : second;
  }

  @Test
  void whatIsRefusedIsCounted() {
    OpSpec spec = OpSpec.of(new Rigid()).example(new Rigid(), Draw.normal(2, 3)).build();
    Stretch stretch = Stretch.of(spec, 1, WANTED, 300_000);
    assertEquals(List.of(), stretch.examples());
    assertTrue(stretch.refused() > 1000, stretch.refused() + " refused");
  }

  @Test
  void parametersChangeWithTheShapes() {
    record Inner(Shape shape, List<Long> sizes, int axis) {}
    record Outer(Inner inner, long size) implements Op {
      @Override
      public Meta[] infer(Meta... in) {
        return in;
      }

      @Override
      public void reference(Dense[] in, Dense[] out) {}

      @Override
      public Tensor[] backward(Saved saved, Tensor... dy) {
        return dy;
      }
    }
    Outer op = new Outer(new Inner(Shape.of(2, 5), List.of(1L, 5L), 5), 5);
    assertEquals(
        new Outer(new Inner(Shape.of(2, 129), List.of(1L, 129L), 5), 129),
        Sizes.replaced(op, Map.of(5L, 129L)));
  }
}
