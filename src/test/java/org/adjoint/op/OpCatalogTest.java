package org.adjoint.op;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.HashSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.junit.jupiter.api.Test;

/** The catalog has everything, and each of its pages is written. */
class OpCatalogTest {
  private static final JavaClasses LIBRARY = new ClassFileImporter().importPath("target/classes");

  @Test
  void everyOperationHasASpec() {
    TreeSet<String> implemented =
        LIBRARY.stream()
            .filter(type -> type.getPackageName().equals("org.adjoint.op"))
            .filter(type -> type.isAssignableTo(Op.class) && !type.isInterface())
            .map(JavaClass::getName)
            .collect(toCollection(TreeSet::new));
    TreeSet<String> listed =
        OpCatalog.all().stream()
            .map(OpSpec::type)
            .filter(Objects::nonNull)
            .map(Class::getName)
            .collect(toCollection(TreeSet::new));
    assertTrue(implemented.size() > 30, "found in target/classes: " + implemented);
    assertEquals(implemented, listed);
  }

  @Test
  void everySpecIsListed() {
    long written =
        LIBRARY.stream()
            .flatMap(type -> type.tryGetMethod("spec").stream())
            .filter(method -> method.getModifiers().contains(JavaModifier.STATIC))
            .count();
    assertEquals(written, OpCatalog.all().size());
  }

  @Test
  void namesAreUniqueAndThoseOfTheOperations() {
    HashSet<String> names = new HashSet<>();
    for (OpSpec spec : OpCatalog.all()) {
      assertTrue(names.add(spec.name()), spec.name() + " is there twice");
      for (OpSpec.Example example : spec.examples()) {
        if (example.op() != null) {
          assertEquals(spec.name(), example.op().name());
          assertEquals(spec.type(), example.op().getClass());
        }
      }
    }
  }

  @Test
  void everyOperationIsDescribedAndTriedWithoutHelpOfOthers() {
    for (OpSpec spec : OpCatalog.all()) {
      assertFalse(spec.formula().isBlank(), spec.name());
      assertFalse(spec.gradient().isBlank(), spec.name());
      assertTrue(
          spec.type() == null || spec.examples().stream().anyMatch(e -> e.op() != null),
          spec.name() + ": no example is the operation itself, so no fault can be put into it");
    }
  }

  @Test
  void everyOperationIsTriedOnNothing() {
    for (OpSpec spec : OpCatalog.all()) {
      assertTrue(
          spec.type() == null || spec.examples().stream().anyMatch(OpCatalogTest::isEmpty),
          spec.name() + ": no example has an input or an output without elements");
    }
  }

  private static boolean isEmpty(OpSpec.Example example) {
    Tensor[] in =
        example.inputs().stream()
            .map(draw -> new Meta(draw.shape(), draw.dtype(DType.F32), Device.CPU))
            .map(Tensor::zeros)
            .toArray(Tensor[]::new);
    return Stream.concat(Stream.of(in), Stream.of(example.call().apply(in)))
        .anyMatch(tensor -> tensor.shape().count() == 0);
  }
}
