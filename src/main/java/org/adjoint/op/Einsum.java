package org.adjoint.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * Sums of products in Einstein's notation: {@code of("bij,bjk->bik", a, b)} is y[b, i, k] = Σⱼ a[b,
 * i, j]·b[b, j, k]. One letter names one axis; a letter that is not in the result is summed over;
 * one that is twice in a term takes the diagonal; {@code ...} stands for axes that broadcast.
 * Without {@code ->}, the result has the letters that are there once, in alphabetical order.
 *
 * <p>A composition: tensors are joined from left to right, each pair by one batched matrix product.
 * The letters of a pair are of four kinds: in both and wanted later (batch), in both and not (the
 * inner axis), and in one alone (rows, columns).
 */
public final class Einsum {
  /** A tensor whose axes are named. */
  private record Term(Tensor tensor, List<Integer> indices) {
    long size(int index) {
      return tensor.size(indices.indexOf(index));
    }

    /** The axes in the order of {@code groups}, each group made one axis. */
    Tensor grouped(List<List<Integer>> groups) {
      long[] sizes = groups.stream().mapToLong(this::count).toArray();
      return ordered(groups.stream().flatMap(List::stream).toList()).tensor.reshape(sizes);
    }

    private long count(List<Integer> group) {
      return group.stream().mapToLong(this::size).reduce(1, (a, b) -> a * b);
    }

    Term ordered(List<Integer> order) {
      int[] axes = order.stream().mapToInt(indices::indexOf).toArray();
      return new Term(tensor.permute(axes), order);
    }
  }

  private final EinsumEquation equation;

  private Einsum(EinsumEquation equation) {
    this.equation = equation;
  }

  /**
   * The sum of products that {@code equation} describes.
   *
   * @throws IllegalArgumentException if the equation is none, or does not fit the tensors
   */
  public static Tensor of(String equation, Tensor... tensors) {
    List<Shape> shapes = Arrays.stream(tensors).map(Tensor::shape).toList();
    return new Einsum(EinsumEquation.parse(equation, shapes)).run(tensors);
  }

  private Tensor run(Tensor... tensors) {
    Term result = term(0, tensors[0]);
    for (int i = 1; i < tensors.length; i++) {
      result = join(result, term(i, tensors[i]), i + 1);
    }
    return summed(result, List.of(), tensors.length).ordered(equation.output()).tensor;
  }

  /** Operand {@code i}, with the diagonals of letters that are in it twice. */
  private Term term(int i, Tensor tensor) {
    return diagonal(new Term(tensor, equation.inputs().get(i)));
  }

  private Term diagonal(Term term) {
    for (int index : term.indices) {
      int a = term.indices.indexOf(index);
      int b = term.indices.lastIndexOf(index);
      if (a < b) {
        requireEqual(index, term.tensor.size(a), term.tensor.size(b));
        List<Integer> left = new ArrayList<>();
        for (int axis = 0; axis < term.indices.size(); axis++) {
          if (axis != a && axis != b) {
            left.add(term.indices.get(axis));
          }
        }
        left.add(index); // where Diagonal puts it
        return diagonal(new Term(Diagonal.of(term.tensor, a, b), left));
      }
    }
    return term;
  }

  /** Without the axes that are not in {@code other}, nor asked for after {@code done} operands. */
  private Term summed(Term term, List<Integer> other, int done) {
    List<Integer> kept = new ArrayList<>();
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < term.indices.size(); axis++) {
      int index = term.indices.get(axis);
      if (other.contains(index) || equation.isNeededAfter(done, index)) {
        kept.add(index);
      } else {
        axes.add(axis);
      }
    }
    return new Term(term.tensor.sum(axes.stream().mapToInt(i -> i).toArray()), kept);
  }

  /** The product of two terms, summed over what nothing after {@code done} operands asks for. */
  private Term join(Term left, Term right, int done) {
    Term a = grown(summed(left, right.indices, done), right);
    Term b = grown(summed(right, left.indices, done), left);
    List<Integer> rows = without(a.indices, b.indices);
    List<Integer> columns = without(b.indices, a.indices);
    List<Integer> shared = without(a.indices, rows);
    List<Integer> inner =
        shared.stream().filter(index -> !equation.isNeededAfter(done, index)).toList();
    List<Integer> batch = without(shared, inner);
    Tensor y =
        a.grouped(List.of(batch, rows, inner)).matmul(b.grouped(List.of(batch, inner, columns)));
    List<Integer> indices = Stream.of(batch, rows, columns).flatMap(List::stream).toList();
    long[] sizes =
        indices.stream().mapToLong(i -> a.indices.contains(i) ? a.size(i) : b.size(i)).toArray();
    return new Term(y.reshape(sizes), indices);
  }

  private static List<Integer> without(List<Integer> indices, List<Integer> others) {
    return indices.stream().filter(index -> !others.contains(index)).toList();
  }

  /**
   * {@code term} repeated along axes of an ellipsis that have size 1 here and more in the other.
   */
  private Term grown(Term term, Term other) {
    Shape shape = term.tensor.shape();
    for (int axis = 0; axis < shape.rank(); axis++) {
      int index = term.indices.get(axis);
      if (other.indices.contains(index)) {
        long size = other.size(index);
        if (index < 0 && shape.size(axis) == 1) {
          shape = shape.with(axis, size);
        } else if (index >= 0 || size != 1) {
          requireEqual(index, shape.size(axis), size);
        }
      }
    }
    return new Term(term.tensor.expand(shape), term.indices);
  }

  private void requireEqual(int index, long a, long b) {
    if (a != b) {
      throw EinsumEquation.complaint(
          equation.text(),
          "'" + EinsumEquation.name(index) + "' has size " + a + " here and " + b + " there");
    }
  }

  private static OpSpec.Builder example(OpSpec.Builder spec, String equation, Draw... inputs) {
    return spec.example(equation, t -> of(equation, t), inputs);
  }

  static OpSpec spec() {
    OpSpec.Builder spec =
        OpSpec.composition("einsum")
            .formula("y[result's letters] = Σ over the other letters of the product of the terms")
            .gradient(
                "dx of a term = einsum of dy and the other terms, with its letters as result");
    example(spec, "bij,bjk->bik", Draw.normal(2, 3, 4), Draw.normal(2, 4, 5));
    example(spec, "ij,jk", Draw.normal(2, 129), Draw.normal(129, 3));
    example(spec, "i,j->ji", Draw.normal(3), Draw.normal(4));
    example(spec, "ij,ij->", Draw.normal(3, 4), Draw.normal(3, 4));
    example(spec, "ii->i", Draw.normal(3, 3));
    example(spec, "ii", Draw.normal(3, 3));
    example(spec, "iij,jk->k", Draw.normal(2, 2, 3), Draw.normal(3, 2));
    example(spec, "ij->j", Draw.normal(127, 2));
    example(spec, "...ij,...jk->...ik", Draw.normal(2, 1, 2, 3), Draw.normal(3, 3, 2));
    example(spec, "b...,b->...", Draw.normal(2, 3, 2), Draw.normal(2));
    example(spec, "i,ij,j->", Draw.normal(3), Draw.normal(3, 4), Draw.normal(4));
    example(spec, "ij,kl->jl", Draw.normal(2, 3), Draw.normal(3, 2));
    example(spec, ",i->i", Draw.normal(), Draw.normal(3));
    example(spec, "ij,jk->ik", Draw.normal(2, 0), Draw.normal(0, 3));
    return spec.rejects(
            () -> of("ij,jk->ik", Tensor.zeros(2, 3), Tensor.zeros(4, 5)),
            "einsum: 'ij,jk->ik': 'j' has size 3 here and 4 there")
        .rejects(
            () -> of("ii->i", Tensor.zeros(2, 3)),
            "einsum: 'ii->i': 'i' has size 2 here and 3 there")
        .rejects(
            () -> of("...i,...i->...", Tensor.zeros(2, 3), Tensor.zeros(4, 3)),
            "einsum: '...i,...i->...': '...' has size 2 here and 4 there")
        .rejects(
            () -> of("ij->i", Tensor.zeros(2)),
            "einsum: 'ij->i': 'ij' does not name the axes of [2]")
        .rejects(
            () -> of("ij,j->i", Tensor.zeros(2, 3)), "einsum: 'ij,j->i': 2 terms for 1 tensors")
        .rejects(
            () -> of("ij->ijk", Tensor.zeros(2, 3)),
            "einsum: 'ij->ijk': 'k' of the result is in no term")
        .rejects(
            () -> of("ij->ii", Tensor.zeros(2, 3)), "einsum: 'ij->ii': 'i' is twice in the result")
        .rejects(
            () -> of("i1->i", Tensor.zeros(2, 3)),
            "einsum: 'i1->i': '1' is no letter from a to z or A to Z")
        .rejects(
            () -> of("i->i->i", Tensor.zeros(2)), "einsum: 'i->i->i': there is more than one ->")
        .build();
  }
}
