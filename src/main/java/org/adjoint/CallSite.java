package org.adjoint;

/** Finds the line of the user's program that led here. */
final class CallSite {
  private CallSite() {}

  /** The innermost caller outside the library's own packages, as {@code Train.java:42}. */
  static String ofUser() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> !isLibrary(frame.getClassName()))
                    .findFirst()
                    .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                    .orElse("an unknown place"));
  }

  private static boolean isLibrary(String className) {
    return className.startsWith("java.")
        || className.startsWith("org.adjoint.op.")
        || className.startsWith("org.adjoint.autograd.")
        || className.startsWith("org.adjoint.nn.")
        || className.startsWith("org.adjoint.optim.")
        || className.startsWith("org.adjoint.Tensor")
        || className.startsWith("org.adjoint.Scope")
        || className.startsWith("org.adjoint.Grad")
        || className.startsWith("org.adjoint.Dispatch")
        || className.startsWith("org.adjoint.CallSite");
  }
}
