package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Says at the end of a run which tests were not run because they need a real GPU, and how many. */
public final class NeedsGpu implements TestExecutionListener {
  /** How the reason of such a test begins. */
  public static final String MARK = "needs a GPU: ";

  private final List<String> names = new ArrayList<>();

  @Override
  public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
    result
        .getThrowable()
        .filter(reason -> String.valueOf(reason.getMessage()).contains(MARK))
        .ifPresent(reason -> names.add(name(test)));
  }

  private static String name(TestIdentifier test) {
    String of =
        test.getParentIdObject()
            .map(parent -> parent.getLastSegment().getValue())
            .map(parent -> parent.substring(parent.lastIndexOf('.') + 1) + ".")
            .orElse("");
    return of + test.getDisplayName();
  }

  @Override
  public synchronized void testPlanExecutionFinished(TestPlan plan) {
    String line = summary();
    if (!line.isEmpty()) {
      System.out.println(line);
    }
  }

  /** One line; empty if there was no such test. */
  synchronized String summary() {
    return names.isEmpty()
        ? ""
        : "not run, since they need a GPU: %d: %s"
            .formatted(names.size(), String.join(", ", names));
  }
}
