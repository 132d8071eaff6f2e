package org.adjoint.samples.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.op.OpSpec;

/** The headings of the index: each begins at one operation of the catalog and ends at the next. */
enum Group {
  ARITHMETIC("Arithmetic and rounding", "add"),
  FUNCTIONS("Exponentials, logarithms, angles", "exp"),
  LOGIC("Comparison and logic", "compare"),
  ACTIVATIONS("Activations", "sigmoid"),
  LAYOUT("Copies and layout", "copy"),
  INDEXING("Indices and masks", "gather"),
  PIECES("Triangles, diagonals, joining and cutting", "triangle"),
  ORDER("Order", "sort"),
  REDUCTIONS("Reductions", "sum"),
  SOFTMAX("Softmax, dropout, embedding", "softmax"),
  NORMALISATION("Normalisation", "layer_norm"),
  LOSSES("Losses", "nll"),
  PRODUCTS("Products, recurrence, attention", "matmul"),
  ALGEBRA("Linear algebra", "solve"),
  WINDOWS("Convolution and pooling", "conv"),
  PICTURES("Resolution", "pixel_shuffle");

  private final String title;
  private final String first;

  Group(String title, String first) {
    this.title = title;
    this.first = first;
  }

  String title() {
    return title;
  }

  /** The operations under their headings, in the order of {@code specs}. */
  static Map<Group, List<OpSpec>> of(List<OpSpec> specs) {
    Map<Group, List<OpSpec>> groups = new LinkedHashMap<>();
    Group current = ARITHMETIC;
    for (OpSpec spec : specs) {
      for (Group group : values()) {
        current = group.first.equals(spec.name()) ? group : current;
      }
      groups.computeIfAbsent(current, g -> new ArrayList<>()).add(spec);
    }
    return groups;
  }
}
