package org.adjoint.build;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The rooms of the house and the doors between them; each rule is also shown to fail. */
class ArchitectureTest {
  private static final String ROOT = "org.adjoint";

  /** From the inside out: who is in a room sees that room and those named before it. */
  private enum Room {
    WORDS,
    DRIVER,
    BACKEND,
    CORE,
    PARTS,
    GUESTS,
    /** A package without a room: give it one below. */
    NOWHERE;

    private static final Set<String> WORD_NAMES =
        Set.of("Shape", "DType", "Device", "Meta", "Philox");

    static Room of(JavaClass type) {
      String inside = type.getPackageName().substring(ROOT.length());
      return switch (inside.isEmpty() ? "" : inside.split("\\.")[1]) {
        case "" -> WORD_NAMES.contains(outermost(type)) ? WORDS : CORE;
        case "backend" -> inside.startsWith(".backend.cuda.driver") ? DRIVER : BACKEND;
        case "op", "autograd" -> CORE;
        case "nn", "optim", "data", "io", "check", "profile" -> PARTS;
        case "samples", "bench" -> GUESTS;
        default -> NOWHERE;
      };
    }
  }

  @SuppressWarnings("ImmutableEnumChecker") // a rule is never changed once it is built
  private enum Rule {
    DOORS(classes().that().resideInAPackage(ROOT + "..").should(keepToTheDoors())),
    JCUDA_IN_THE_DRIVER_ONLY(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".backend.cuda.driver..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jcuda..")),
    VECTOR_API_BEHIND_SIMD_ONLY(
        noClasses()
            .that(
                DescribedPredicate.describe(
                    "are not one of backend.cpu's Vector*",
                    type ->
                        !type.getPackageName().equals(ROOT + ".backend.cpu")
                            || !outermost(type).startsWith("Vector")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.incubator.vector..")),
    NO_CLASH_WITH_JAVA_LANG(noClasses().that().haveSimpleName("Module").should().bePublic());

    final ArchRule rule;

    Rule(ArchRule rule) {
      this.rule = rule.allowEmptyShould(true);
    }
  }

  static {
    // The rules look at names only, so what lies outside need not be read.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
  }

  @TempDir Path planted;

  @ParameterizedTest
  @EnumSource
  void libraryKeeps(Rule rule) {
    rule.rule.check(new ClassFileImporter().importPath("target/classes"));
  }

  @ParameterizedTest
  @CsvSource({
    "DOORS, org.adjoint.Shape, org.adjoint.Tensor",
    "DOORS, org.adjoint.Device, org.adjoint.backend.Backend",
    "DOORS, org.adjoint.backend.cuda.driver.Cuda, org.adjoint.backend.Storage",
    "DOORS, org.adjoint.backend.cpu.CpuBackend, org.adjoint.op.MatMul",
    "DOORS, org.adjoint.backend.Kernel, org.adjoint.Tensor",
    "DOORS, org.adjoint.backend.Kernel, org.adjoint.nn.Linear",
    "DOORS, org.adjoint.Tensor, org.adjoint.optim.Adam",
    "DOORS, org.adjoint.op.MatMul, org.adjoint.check.Catalog",
    "DOORS, org.adjoint.autograd.Node, org.adjoint.io.Npy",
    "DOORS, org.adjoint.check.Timer, org.adjoint.bench.Suite",
    "DOORS, org.adjoint.data.Batches, org.adjoint.samples.lenet.LeNet",
    "DOORS, org.adjoint.attic.Trunk, org.adjoint.Shape",
    "JCUDA_IN_THE_DRIVER_ONLY, org.adjoint.backend.cuda.CudaBackend, jcuda.driver.CUstream",
    "VECTOR_API_BEHIND_SIMD_ONLY, org.adjoint.op.VectorNorm, jdk.incubator.vector.FloatVector",
    "VECTOR_API_BEHIND_SIMD_ONLY, org.adjoint.backend.cpu.Scalar, jdk.incubator.vector.FloatVector",
    "NO_CLASH_WITH_JAVA_LANG, org.adjoint.nn.Module, java.lang.Object",
  })
  void ruleCatches(Rule rule, String user, String used) throws IOException {
    assertTrue(violates(rule, user, used));
  }

  @ParameterizedTest
  @CsvSource({
    "org.adjoint.Meta, org.adjoint.Shape",
    "org.adjoint.backend.cuda.driver.Cuda, org.adjoint.Device",
    "org.adjoint.backend.cuda.driver.Cuda, jcuda.driver.CUstream",
    "org.adjoint.backend.cuda.CudaBackend, org.adjoint.backend.cuda.driver.Cuda",
    "org.adjoint.backend.cpu.VectorSimd, jdk.incubator.vector.FloatVector",
    "org.adjoint.Tensor, org.adjoint.op.MatMul",
    "org.adjoint.op.MatMul, org.adjoint.Tensor",
    "org.adjoint.op.MatMul, org.adjoint.backend.Kernel",
    "org.adjoint.nn.Linear, org.adjoint.Tensor",
    "org.adjoint.samples.lenet.LeNet, org.adjoint.nn.Linear",
  })
  void everyRuleAllows(String user, String used) throws IOException {
    for (Rule rule : Rule.values()) {
      assertFalse(violates(rule, user, used), rule.name());
    }
  }

  @Test
  void nestedClassesAndArraysAreSeenToo() throws IOException {
    assertTrue(violates(Rule.DOORS, "org.adjoint.Shape$Inner", "org.adjoint.Tensor[]"));
  }

  /** Whether {@code rule} objects to a public class {@code user} with a field of {@code used}. */
  private boolean violates(Rule rule, String user, String used) throws IOException {
    boolean array = used.endsWith("[]");
    ClassDesc type = ClassDesc.of(array ? used.substring(0, used.length() - 2) : used);
    ClassFile.of()
        .buildTo(
            planted.resolve("Planted.class"),
            ClassDesc.of(user),
            planted ->
                planted
                    .withFlags(ClassFile.ACC_PUBLIC)
                    .withField("field", array ? type.arrayType() : type, 0));
    return rule.rule.evaluate(new ClassFileImporter().importPath(planted)).hasViolation();
  }

  private static ArchCondition<JavaClass> keepToTheDoors() {
    return new ArchCondition<>("have a room and see no room further out") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Room own = Room.of(type);
        if (own == Room.NOWHERE) {
          events.add(violated(type, type.getName() + " is in a package that has no room"));
        }
        for (Dependency use : type.getDirectDependenciesFromSelf()) {
          JavaClass used = use.getTargetClass().getBaseComponentType();
          if (isOurs(used) && Room.of(used).compareTo(own) > 0) {
            events.add(violated(use, use.getDescription()));
          }
        }
      }
    };
  }

  private static boolean isOurs(JavaClass type) {
    return (type.getPackageName() + ".").startsWith(ROOT + ".");
  }

  private static String outermost(JavaClass type) {
    String name = type.getName().substring(type.getPackageName().length() + 1);
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }
}
