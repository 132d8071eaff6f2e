package org.adjoint.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.check.DeviceCheck;
import org.adjoint.check.Failure;
import org.adjoint.emulator.Emulator;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.adjoint.optim.StepOp;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** All checks there are of the kernels. */
final class Trials {
  private Trials() {}

  /** What {@code check --device} does, a variant and an example at a time. */
  static List<Trial> ofTheCatalog(Device device) {
    List<Trial> trials = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Stream<OpSpec> steps = StepOp.all().stream().map(StepOp::spec);
    for (OpSpec spec : Stream.concat(OpCatalog.all().stream(), steps).toList()) {
      for (DeviceCheck.Part part : DeviceCheck.parts(spec, device)) {
        String name = "%s, %s: %s".formatted(part.op(), part.variant(), part.example());
        for (int again = 2; !names.add(name); again++) {
          name = "%s, %s: %s (%d)".formatted(part.op(), part.variant(), part.example(), again);
        }
        trials.add(new Trial(name, inputs(spec, part.example()), false, () -> failure(part)));
      }
    }
    return trials;
  }

  private static String failure(DeviceCheck.Part part) {
    List<Failure> failures = part.check().get().failures();
    return failures.isEmpty() ? "" : failures.getFirst().problem();
  }

  private static String inputs(OpSpec spec, String label) {
    StringBuilder inputs = new StringBuilder(spec.gpuTolerance().ulps() + " ");
    for (List<Example> examples : List.of(spec.examples(), spec.large())) {
      for (Example example : examples) {
        if (example.label().equals(label)) {
          inputs.append(example.inputs());
        }
      }
    }
    return inputs.toString();
  }

  /**
   * The JUnit tests of some classes, of the backend or optimisers, for what the catalog cannot
   * reach.
   */
  static List<Trial> ofTests(String classes) {
    // What listens to the build's tests would tell of each of these runs.
    Launcher launcher =
        LauncherFactory.create(
            LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build());
    TestPlan plan =
        launcher.discover(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(
                    selectPackage("org.adjoint.backend.cuda"), selectPackage("org.adjoint.optim"))
                .filters(ClassNameFilter.includeClassNamePatterns(classes))
                .build());
    List<Trial> trials = new ArrayList<>();
    for (TestIdentifier root : plan.getRoots()) {
      for (TestIdentifier test : plan.getDescendants(root)) {
        if (!test.getUniqueId().matches(".*/\\[(method|test-template):[^\\]]*\\]")) {
          continue;
        }
        String name =
            plan.getParent(test).orElseThrow().getDisplayName() + ": " + test.getDisplayName();
        trials.add(
            new Trial(name, inputs(test), true, () -> failure(launcher, test.getUniqueId())));
      }
    }
    return trials;
  }

  /** The text of a test's class. */
  private static String inputs(TestIdentifier test) {
    String file =
        test.getUniqueId().replaceAll(".*/\\[class:([^\\]]*)\\].*", "$1").replace('.', '/');
    try {
      return Files.readString(Emulator.home().resolve("src/test/java").resolve(file + ".java"));
    } catch (IOException e) {
      throw new UncheckedIOException("the source of a test cannot be read", e);
    }
  }

  private static String failure(Launcher launcher, String test) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request().selectors(selectUniqueId(test)).build(),
        listener);
    var summary = listener.getSummary();
    if (summary.getTestsFoundCount() == 0) {
      return "no such test";
    }
    return summary.getFailures().isEmpty()
        ? ""
        : "threw " + summary.getFailures().getFirst().getException();
  }
}
