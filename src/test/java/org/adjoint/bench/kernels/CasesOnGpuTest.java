package org.adjoint.bench.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.check.Outline;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.junit.jupiter.api.Test;

/** That no kernel is left out, and no two rows of a file are about the same. */
class CasesOnGpuTest {
  private static final Selection ALL = new Selection(List.of(), List.of(), List.of(), null);

  @Test
  void everyOperationWithKernelsHasACase() {
    Set<String> covered = ALL.units(true).stream().map(Unit::op).collect(Collectors.toSet());
    List<String> missing =
        OpCatalog.all().stream()
            .filter(spec -> {
              OpSpec.Example example = Cases.largest(spec);
              return example != null && Cases.hasKernels(example.op());
            })
            .map(OpSpec::name)
            .filter(name -> !covered.contains(name))
            .toList();
    assertEquals(List.of(), missing);
  }

  private static Outline whole(KernelCase one) {
    return Outline.of(TestGpu.device(), one.dtype(), one.whole().op(), one.whole().inputs());
  }

  private static boolean isCounted(KernelCase one, String variant) {
    Outline cut = Outline.of(TestGpu.device(), one.dtype(), one.op(), one.draws());
    return cut.variants().contains(variant) && whole(one).variants().contains(variant);
  }

  @Test
  void everyVariantTakesSomeCase() {
    List<String> missing =
        ALL.units(true).stream()
            .filter(unit -> unit.cases().stream().noneMatch(one -> isCounted(one, unit.variant())))
            .map(unit -> unit.op() + " " + unit.variant())
            .toList();
    assertEquals(List.of(), missing, "no case reaches these variants: give their family one");
  }

  @Test
  void whatWouldRunTheTrueSizesIsCountedAtTheCutOnes() {
    List<String> missing =
        ALL.units(true).stream()
            .flatMap(unit -> unit.cases().stream())
            .distinct()
            .filter(one -> !isCounted(one, String.valueOf(whole(one).chosen())))
            .map(one -> one.what() + " " + one.shapes())
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void everyVariantSaysWhatItChanged() {
    List<String> silent =
        ALL.units(true).stream()
            .filter(unit -> Changes.of(unit.family(), unit.variant()) == null)
            .map(unit -> unit.family() + " " + unit.variant())
            .distinct()
            .toList();
    assertEquals(List.of(), silent);
  }

  @Test
  void everyRowHasAKeyOfItsOwn() {
    for (boolean cut : new boolean[] {false, true}) {
      Set<String> keys = new HashSet<>();
      for (Unit unit : ALL.units(cut)) {
        for (KernelCase one : unit.cases()) {
          String key = one.what() + ", " + unit.variant() + ", " + one.dtype() + one.shapes();
          assertTrue(keys.add(key), key);
        }
      }
    }
  }

  @Test
  void parametersAreToldInFewWords() {
    KernelCase sum = first("sum");
    assertEquals("sum axes=[0, 1]", sum.what());
    assertEquals("[8192, 1024]", sum.shapes());
    assertEquals("unrolled LstmCell, sizes=[64, …], reverse=false", first("unrolled").what());
    assertEquals(
        "conv [stride=[1, 1], padding=[0, 0], dilation=[1, 1]], groups=1", first("conv").what());
    assertEquals("softmax_nll ignore=none, smoothing=0.0", first("softmax_nll").what());
    assertEquals("20 tensors of 123,412 elements", first("sgd").shapes());
  }

  private static KernelCase first(String op) {
    return new Selection(List.of(op), List.of(), List.of(), null)
        .units(false)
        .getFirst()
        .cases()
        .getFirst();
  }
}
