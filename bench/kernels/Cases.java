package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.autograd.Op;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/** All families, and so every kernel that there is. */
final class Cases {
  private Cases() {}

  /** The families, simple ones first. */
  static List<Family> families() {
    List<Family> all = new ArrayList<>();
    all.add(ElementCases.elementwise());
    all.add(ElementCases.dropout());
    all.add(TableCases.arrange());
    all.add(RowCases.reductions());
    all.add(RowCases.softmax());
    all.add(RowCases.crossEntropy());
    all.add(RowCases.norm());
    all.add(RowCases.sortAndScan());
    all.add(TableCases.embedding());
    all.add(MatrixCases.matmul());
    all.add(ImageCases.convolution());
    all.add(ImageCases.pooling());
    all.add(MatrixCases.recurrent());
    all.add(MatrixCases.attention());
    all.add(ElementCases.optimisers());
    Family rest = rest(all);
    if (!rest.templates().isEmpty()) {
      all.add(rest);
    }
    return List.copyOf(all);
  }

  /** Operations that no family has, on the largest of their examples. */
  private static Family rest(List<Family> families) {
    Set<String> known =
        families.stream()
            .flatMap(family -> family.templates().stream())
            .map(template -> template.spec().name())
            .collect(Collectors.toSet());
    Family rest = new Family("others");
    for (OpSpec spec : OpCatalog.all()) {
      Example example = largest(spec);
      Op op = example == null ? null : example.op();
      if (example != null && op != null && !known.contains(spec.name()) && hasKernels(op)) {
        rest.fixed(spec, op, DType.F32, example.inputs());
      }
    }
    return rest;
  }

  static boolean hasKernels(Op op) {
    return op.cpuOnly() == null && !Variants.of(op).isEmpty();
  }

  /** The example of an operation with the most elements; null if there is none. */
  static @Nullable Example largest(OpSpec spec) {
    return Stream.concat(spec.large().stream(), spec.examples().stream())
        .filter(example -> example.op() != null)
        .max(
            Comparator.comparingLong(
                example -> example.inputs().stream().mapToLong(draw -> draw.shape().count()).sum()))
        .orElse(null);
  }
}
