package org.adjoint;

import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the line of the user's program that led here. */
final class CallSite {
  private static final List<String> PACKAGES =
      List.of(
          "java.",
          "jdk.",
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
          "org.adjoint.Span",
          "org.adjoint.SpanLog",
          "org.adjoint.Tensor",
          "org.adjoint.Update",
          "org.adjoint.Upload");

  private CallSite() {}

  /**
   * A place in the user's program.
   *
   * @param line such as {@code Train.java:42}
   * @param within the layers and compositions of the library that lead from there to here, such as
   *     {@code Sequential/Conv}
   */
  record Place(String line, String within) {}

  /** The innermost caller outside the library's own packages, and the way from it. */
  static Place here() {
    return StackWalker.getInstance().walk(CallSite::place);
  }

  private static Place place(Stream<StackFrame> frames) {
    List<String> way = new ArrayList<>();
    for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); ) {
      StackFrame frame = all.next();
      String type = frame.getClassName();
      if (!isLibrary(type)) {
        return new Place(line(frame), String.join("/", way.reversed()));
      }
      boolean layer = type.startsWith("org.adjoint.nn.") && frame.getMethodName().equals("forward");
      if (layer || (type.startsWith("org.adjoint.op.") && frame.getMethodName().equals("of"))) {
        way.add(type.substring(type.lastIndexOf('.') + 1).replace('$', '.'));
      }
    }
    return new Place("", String.join("/", way.reversed()));
  }

  private static String line(StackFrame frame) {
    return frame.getFileName() + ":" + frame.getLineNumber();
  }

  /** The innermost caller outside the library's own packages, as {@code Train.java:42}. */
  static String ofUser() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .filter(frame -> !isLibrary(frame.getClassName()))
                .findFirst()
                .map(CallSite::line)
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
