package org.adjoint;

import java.util.List;
import java.util.Set;

/** Finds the line of the user's program that led here. */
final class CallSite {
  private static final List<String> PACKAGES =
      List.of(
          "java.",
          "org.adjoint.autograd.",
          "org.adjoint.data.",
          "org.adjoint.nn.",
          "org.adjoint.op.",
          "org.adjoint.optim.");
  private static final Set<String> CLASSES =
      Set.of(
          "org.adjoint.CallSite",
          "org.adjoint.Cost",
          "org.adjoint.Dispatch",
          "org.adjoint.Grad",
          "org.adjoint.Scope",
          "org.adjoint.Tensor");

  private CallSite() {}

  /** The innermost caller outside the library's own packages, as {@code Train.java:42}. */
  static String ofUser() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .filter(frame -> !isLibrary(frame.getClassName()))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse("an unknown place"));
  }

  private static boolean isLibrary(String className) {
    for (String name : PACKAGES) {
      if (className.startsWith(name)) {
        return true;
      }
    }
    int nested = className.indexOf('$');
    return CLASSES.contains(nested < 0 ? className : className.substring(0, nested));
  }
}
