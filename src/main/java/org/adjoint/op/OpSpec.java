package org.adjoint.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * All that the harness and the documentation need to know of an operation: its formulas, examples
 * with the awkward shapes, the calls it must refuse, and how exact its quick roads must be.
 *
 * @param name as in messages
 * @param formula the definition, for people
 * @param gradient the gradient, for people
 * @param type the operation's class; null for a composition of other operations
 * @param tolerance how far a quick road may be from the reference
 * @param gpuTolerance how far a kernel on a GPU may be, whose functions are CUDA's
 * @param broadcast which inputs all blocks of a kernel read, such as weights: the others are
 *     streamed, each element once
 * @param drawable whether other sizes that are drawn at random make sense: not those of which the
 *     result is nothing but what rounding left, as terms cancel
 * @param examples what to check it on
 * @param large more of them for GPUs alone, of sizes that take several blocks, or several steps of
 *     one: too large for finite differences
 * @param rejections what it must refuse, and how
 */
public record OpSpec(
    String name,
    String formula,
    String gradient,
    @Nullable Class<? extends Op> type,
    Tolerance tolerance,
    Tolerance gpuTolerance,
    List<Integer> broadcast,
    Predicate<Meta[]> drawable,
    List<Example> examples,
    List<Example> large,
    List<Rejection> rejections) {

  /** Sizes that make loops, vectors and blocks stumble: none, one, and around a power of two. */
  public static final List<Shape> AWKWARD =
      List.of(
          Shape.SCALAR,
          Shape.of(0),
          Shape.of(1),
          Shape.of(127),
          Shape.of(128),
          Shape.of(129),
          Shape.of(2, 3, 4),
          Shape.of(3, 0, 2));

  /** Several blocks, for kernels that take 16 bytes a thread; and some bytes more. */
  private static final Shape LARGE = Shape.of(2059);

  /**
   * Along axis 1: more rows than a block has threads, and columns that do not fill their blocks.
   */
  private static final List<Shape> ROWS =
      List.of(Shape.of(300, 3), Shape.of(70, 3, 3), Shape.of(3, 70, 33));

  /**
   * One call to check.
   *
   * @param label for tables
   * @param op the operation, or null where the call is a composition
   * @param call what to call
   * @param inputs what to call it with
   */
  public record Example(
      String label, @Nullable Op op, Function<Tensor[], Tensor[]> call, List<Draw> inputs) {
    /** A call of an operation. */
    public static Example of(Op op, Draw... inputs) {
      return of(op.toString(), op, tensors -> Tensor.apply(op, tensors), inputs);
    }

    private static Example of(
        String label, @Nullable Op op, Function<Tensor[], Tensor[]> call, Draw... inputs) {
      String shapes =
          Arrays.stream(inputs).map(d -> d.shape().toString()).collect(Collectors.joining(" "));
      return new Example(label + " " + shapes, op, call, List.of(inputs));
    }
  }

  /** A call that must throw, and the whole message that it must throw with. */
  public record Rejection(Supplier<?> call, String message) {}

  /**
   * How far a quick road may be from the reference rounded to the dtype, as a bound that is
   * computed for each element.
   *
   * <p>With u the unit roundoff, a function good to {@code ulps} units in the last place errs by at
   * most 2u·ulps·|y|; a sum of k products errs, with overwhelming probability, by at most (4√k +
   * 2)·u·Σ|terms| (Higham and Mary, A new approach to probabilistic rounding error analysis, 2019),
   * where Σ|terms| is the reference's result for the absolute values of the inputs.
   *
   * @param ulps relative error of an element; 0 for exact
   * @param ofLargest whether {@code ulps} are those of the largest element of the output, where
   *     terms cancel in the smaller ones
   * @param terms length of the sums, from the shapes of the inputs; null if there are none
   * @param inner length of sums within, whose error is one of the element as {@code ulps} are; null
   *     if there are none
   * @param whole whether the sums are of products of inputs, so that of small integers they have no
   *     error
   */
  public record Tolerance(
      double ulps,
      boolean ofLargest,
      @Nullable ToLongFunction<Meta[]> terms,
      @Nullable ToLongFunction<Meta[]> inner,
      boolean whole) {
    /** No error but that of rounding the exact result once. */
    public static final Tolerance EXACT = new Tolerance(0, false, null, null, false);
  }

  /** A spec of {@code op}, which serves as the example of its elementwise shapes. */
  public static Builder of(Op op) {
    return new Builder(op.name(), op);
  }

  /** A spec of a composition, which has no class of its own to be checked. */
  public static Builder composition(String name) {
    return new Builder(name, null);
  }

  /** Those of an operation's operands that all blocks of a kernel read. */
  public Operand[] broadcast(Operand... in) {
    return broadcast.stream().filter(i -> i < in.length).map(i -> in[i]).toArray(Operand[]::new);
  }

  /** The largest size of an axis: how long sums along one are at most. */
  static long longest(Meta x) {
    return Arrays.stream(x.shape().toArray()).max().orElse(1);
  }

  /** How many elements of a row, the last axis, each of 512 threads adds up. */
  static long partOfRow(Meta... in) {
    return in[0].shape().size(-1) / 512;
  }

  /**
   * Whether rows are long enough for the gradient of a norm not to cancel: two elements become ±1,
   * whatever they are.
   */
  static boolean hasRowsOfThree(Meta... in) {
    return in[0].shape().size(-1) > 2;
  }

  /** Collects a spec. */
  public static final class Builder {
    private final String name;
    private final @Nullable Op op;
    private final List<Example> examples = new ArrayList<>();
    private final List<Example> large = new ArrayList<>();
    private final List<Rejection> rejections = new ArrayList<>();
    private String formula = "";
    private String gradient = "";
    private Tolerance tolerance = Tolerance.EXACT;
    private List<Integer> broadcast = List.of();
    private Predicate<Meta[]> drawable = in -> true;
    private double gpuUlps;
    private @Nullable ToLongFunction<Meta[]> gpuSums;

    private Builder(String name, @Nullable Op op) {
      this.name = name;
      this.op = op;
    }

    /** The definition, for people. */
    public Builder formula(String text) {
      formula = text;
      return this;
    }

    /** The gradient, for people. */
    public Builder gradient(String text) {
      gradient = text;
      return this;
    }

    /** Quick roads err by at most {@code ulps} units in the last place. */
    public Builder ulps(double ulps) {
      tolerance = new Tolerance(ulps, false, null, null, false);
      return this;
    }

    /**
     * Kernels on a GPU err by at most {@code ulps} units in the last place: what the CUDA C++
     * Programming Guide says of its functions.
     */
    public Builder gpuUlps(double ulps) {
      gpuUlps = ulps;
      return this;
    }

    /**
     * Kernels on a GPU add up {@code terms} numbers on the way to an element, in the dtype at hand,
     * where quick roads do so in double.
     */
    public Builder gpuSums(ToLongFunction<Meta[]> terms) {
      gpuSums = terms;
      return this;
    }

    /** Which sizes may be drawn at random; by default all that the operation takes. */
    public Builder drawable(Predicate<Meta[]> sizes) {
      drawable = sizes;
      return this;
    }

    /** Quick roads err by at most {@code ulps} units in the last place of the largest element. */
    public Builder ulpsOfLargest(double ulps) {
      tolerance = new Tolerance(ulps, true, null, null, false);
      return this;
    }

    /**
     * All blocks of a kernel read these inputs, counted from 0: a GPU's caches are to keep them, so
     * its traffic counts them once a block.
     */
    public Builder broadcast(Integer... inputs) {
      broadcast = List.of(inputs);
      return this;
    }

    /** Each element of the output is a sum of {@code terms} products of inputs. */
    public Builder sums(ToLongFunction<Meta[]> terms) {
      tolerance = new Tolerance(0, false, terms, null, true);
      return this;
    }

    /** Each element of the output is a sum of {@code terms} quotients of inputs, or fewer. */
    public Builder means(ToLongFunction<Meta[]> terms) {
      tolerance = new Tolerance(1, false, terms, null, false);
      return this;
    }

    /** One example of an operation. */
    public Builder example(Op example, Draw... inputs) {
      examples.add(Example.of(example, inputs));
      return this;
    }

    /** One that is too large for finite differences: for GPUs alone. */
    public Builder large(Op example, Draw... inputs) {
      large.add(Example.of(example, inputs));
      return this;
    }

    /** One example of a call that is made of operations. */
    public Builder example(String label, Function<Tensor[], Tensor> call, Draw... inputs) {
      return add(examples, label, call, inputs);
    }

    /** The same, for GPUs alone. */
    public Builder large(String label, Function<Tensor[], Tensor> call, Draw... inputs) {
      return add(large, label, call, inputs);
    }

    private Builder add(
        List<Example> to, String label, Function<Tensor[], Tensor> call, Draw... inputs) {
      to.add(Example.of(label, null, tensors -> new Tensor[] {call.apply(tensors)}, inputs));
      return this;
    }

    /** Examples of an elementwise operation at the {@link #AWKWARD} shapes. */
    @SafeVarargs
    @SuppressWarnings("varargs") // a list made of them lets nothing else in
    public final Builder elementwise(Function<Shape, Draw>... inputs) {
      Op elementwise = Objects.requireNonNull(op);
      List<Function<Shape, Draw>> draws = List.of(inputs);
      for (Shape shape : AWKWARD) {
        example(elementwise, draws.stream().map(draw -> draw.apply(shape)).toArray(Draw[]::new));
      }
      return large(elementwise, draws.stream().map(draw -> draw.apply(LARGE)).toArray(Draw[]::new));
    }

    /** Examples for GPUs alone of an operation along axis 1, at sizes that take many blocks. */
    @SafeVarargs
    @SuppressWarnings("varargs") // as above
    public final Builder rows(Op alongAxis1, Function<Shape, Draw>... inputs) {
      List<Function<Shape, Draw>> draws = List.of(inputs);
      for (Shape shape : ROWS) {
        large(alongAxis1, draws.stream().map(draw -> draw.apply(shape)).toArray(Draw[]::new));
      }
      return this;
    }

    /** A call that must throw with {@code message}. */
    public Builder rejects(Supplier<?> call, String message) {
      rejections.add(new Rejection(call, message));
      return this;
    }

    /** The finished spec. */
    public OpSpec build() {
      if (examples.isEmpty()) {
        throw new IllegalStateException(name + ": a spec needs an example");
      }
      Class<? extends Op> type = op == null ? null : op.getClass();
      return new OpSpec(
          name,
          formula,
          gradient,
          type,
          tolerance,
          new Tolerance(
              Math.max(gpuUlps, tolerance.ulps()),
              tolerance.ofLargest(),
              tolerance.terms(),
              gpuSums,
              tolerance.whole()),
          broadcast,
          drawable,
          List.copyOf(examples),
          List.copyOf(large),
          List.copyOf(rejections));
    }
  }
}
