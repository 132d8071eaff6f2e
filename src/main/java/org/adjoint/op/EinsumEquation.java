package org.adjoint.op;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.adjoint.Shape;

/**
 * An equation of {@link Einsum} taken apart: one index per axis of each operand and of the result.
 * An index is a letter's code; the axes that an ellipsis stands for are numbered … −3, −2, −1 from
 * the last one backwards, so that they line up as in broadcasting.
 */
record EinsumEquation(String text, List<List<Integer>> inputs, List<Integer> output) {
  private static final String DOTS = "...";

  /** Parses {@code text} for operands of the given shapes. */
  static EinsumEquation parse(String text, List<Shape> shapes) {
    String[] sides = text.replace(" ", "").split("->", -1);
    if (sides.length > 2) {
      throw complaint(text, "there is more than one ->");
    }
    String[] terms = sides[0].split(",", -1);
    if (terms.length != shapes.size()) {
      throw complaint(text, terms.length + " terms for " + shapes.size() + " tensors");
    }
    List<List<Integer>> inputs = new ArrayList<>();
    int dots = 0;
    for (int i = 0; i < terms.length; i++) {
      Shape shape = shapes.get(i);
      boolean open = terms[i].contains(DOTS);
      int letters = terms[i].length() - (open ? DOTS.length() : 0);
      if (open ? letters > shape.rank() : letters != shape.rank()) {
        throw complaint(text, "'" + terms[i] + "' does not name the axes of " + shape);
      }
      inputs.add(indices(text, terms[i], shape.rank() - letters));
      dots = Math.max(dots, shape.rank() - letters);
    }
    List<Integer> output = sides.length == 2 ? indices(text, sides[1], dots) : implicit(inputs);
    for (int i = 0; i < output.size(); i++) {
      int index = output.get(i);
      if (output.indexOf(index) != i) {
        throw complaint(text, "'" + name(index) + "' is twice in the result");
      }
      if (inputs.stream().noneMatch(in -> in.contains(index))) {
        throw complaint(text, "'" + name(index) + "' of the result is in no term");
      }
    }
    return new EinsumEquation(text, inputs, output);
  }

  private static List<Integer> indices(String text, String term, int dots) {
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < term.length(); i++) {
      char c = term.charAt(i);
      if (c == '.' && term.startsWith(DOTS, i) && term.indexOf(DOTS) == i) {
        for (int d = -dots; d < 0; d++) {
          indices.add(d);
        }
        i += DOTS.length() - 1;
      } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        indices.add((int) c);
      } else {
        throw complaint(text, "'" + c + "' is no letter from a to z or A to Z");
      }
    }
    return indices;
  }

  /** As in NumPy: what the ellipses stand for, then each letter that is there just once, sorted. */
  private static List<Integer> implicit(List<List<Integer>> inputs) {
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    for (List<Integer> input : inputs) {
      input.forEach(index -> counts.merge(index, 1, Integer::sum));
    }
    List<Integer> output = new ArrayList<>();
    counts.forEach((index, count) -> {
      if (index < 0 || count == 1) {
        output.add(index);
      }
    });
    return output;
  }

  /** The letter of {@code index}, or the ellipsis. */
  static String name(int index) {
    return index < 0 ? DOTS : Character.toString(index);
  }

  /** Whether {@code index} is wanted after the first {@code done} operands have been joined. */
  boolean isNeededAfter(int done, int index) {
    return output.contains(index)
        || inputs.stream().skip(done).anyMatch(input -> input.contains(index));
  }

  static IllegalArgumentException complaint(String text, String what) {
    return new IllegalArgumentException("einsum: '" + text + "': " + what);
  }
}
