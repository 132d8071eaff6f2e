package org.adjoint.mutants;

import java.util.ArrayList;
import java.util.List;

/** A text with all its mutants, each of which can be switched on. */
final class Schemata {
  /** What is written before and after a stretch of the text. */
  private record Edit(int start, int end, String before, String after) {}

  private final Tokens tokens;
  private final List<Edit> edits = new ArrayList<>();

  Schemata(Tokens tokens) {
    this.tokens = tokens;
  }

  /** Puts the tokens from one to another, both included, between two texts. */
  void wrap(int from, int to, String before, String after) {
    edits.add(new Edit(tokens.start(from), tokens.end(to), before, after));
  }

  /** The text as it is to be compiled. */
  String text() {
    StringBuilder out = new StringBuilder(Prelude.TEXT);
    List<Edit> sorted = new ArrayList<>(edits);
    // Where two begin, or end, the wider is outside.
    sorted.sort((a, b) -> a.start != b.start ? a.start - b.start : b.end - a.end);
    List<Edit> open = new ArrayList<>();
    int done = 0;
    for (Edit edit : sorted) {
      done = close(open, edit.start, done, out);
      out.append(tokens.text, done, edit.start).append(edit.before);
      done = edit.start;
      open.add(edit);
    }
    done = close(open, Integer.MAX_VALUE, done, out);
    return out.append(tokens.text.substring(done)).toString();
  }

  private int close(List<Edit> open, int until, int done, StringBuilder out) {
    int at = done;
    while (!open.isEmpty() && open.getLast().end <= until) {
      Edit last = open.removeLast();
      out.append(tokens.text, at, last.end).append(last.after);
      at = last.end;
    }
    return at;
  }
}
