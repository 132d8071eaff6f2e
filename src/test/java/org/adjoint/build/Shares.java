package org.adjoint.build;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Prints where the time of a build went, beside what each part may take: a suite that is allowed to
 * grow without being looked at ends up not being run.
 */
public final class Shares implements TestExecutionListener {
  private static final Map<String, Integer> ALLOWED_SECONDS =
      Map.of("build", 120, "catalog and mutants", 120, "emulator", 180, "the rest", 180);

  private final Map<String, Instant> started = new ConcurrentHashMap<>();
  private final Map<String, Duration> spent = new TreeMap<>();

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    String begin = System.getProperty("adjoint.build.start", "");
    if (!begin.isEmpty()) {
      spent.put("build", Duration.between(Instant.parse(begin), Instant.now()));
    }
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    if (test.getSource().orElse(null) instanceof ClassSource) {
      started.put(test.getUniqueId(), Instant.now());
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    // Nested classes are counted with the class around them.
    boolean outermost = test.getParentId().filter(started::containsKey).isEmpty();
    if (outermost && test.getSource().orElse(null) instanceof ClassSource source) {
      Duration time = Duration.between(started.get(test.getUniqueId()), Instant.now());
      spent.merge(share(source.getClassName()), time, Duration::plus);
    }
  }

  private static String share(String className) {
    if (className.startsWith("org.adjoint.check.") || className.startsWith("org.adjoint.op.")) {
      return "catalog and mutants";
    }
    return className.startsWith("org.adjoint.backend.cuda.") ? "emulator" : "the rest";
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    StringBuilder line = new StringBuilder("time by share:");
    spent.forEach((share, time) ->
        line.append(
            String.format(
                Locale.ROOT,
                " %s %d of %d s,",
                share,
                time.toSeconds(),
                ALLOWED_SECONDS.get(share))));
    System.out.println(line.substring(0, line.length() - 1));
  }
}
