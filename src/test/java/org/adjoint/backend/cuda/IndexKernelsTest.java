package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Kernel;
import org.adjoint.op.Gather;
import org.adjoint.op.IndexSelect;
import org.adjoint.op.Scatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexKernelsTest {
  private final Device gpu = TestGpu.device();

  private static Tensor index(long limit, boolean skewed, long... sizes) {
    Shape shape = Shape.of(sizes);
    Philox random = new Philox(limit + shape.count());
    long[] values = new long[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      // Of a skewed index most elements are the same one.
      values[i] = skewed && random.nextInt(8) > 0 ? limit / 2 : random.nextInt((int) limit);
    }
    return Tensor.of(values).reshape(sizes);
  }

  /** Whole numbers, whose sums are exact in whatever order. */
  private static Tensor whole(DType dtype, long... sizes) {
    Shape shape = Shape.of(sizes);
    Philox random = new Philox(shape.count());
    double[] values = new double[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(2);
    }
    return Tensor.of(shape, values).to(dtype);
  }

  private void check(Op op, Class<? extends Kernel> type, String variant, Tensor x, Tensor index) {
    Tensor[] there = {x.to(gpu), index.to(gpu)};
    Tensor y = Choice.with(type, variant, () -> op.apply(there));
    String what = variant + " " + x.dtype() + " " + x.shape() + " to " + y.shape();
    assertArrayEquals(op.apply(x, index).toDoubles(), y.toDoubles(), what);
  }

  /**
   * Rows to add by threads of one pack and of many, below and above what one block sorts, in one
   * chunk and in many.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 3",
    "31, 4, 2",
    "32, 4, 2",
    "33, 4, 2",
    "64, 8, 300",
    "257, 16, 5",
    "1025, 8, 70000",
    "4096, 1, 9",
    "4097, 4, 3",
    "6500, 5, 1000",
    "700, 136, 40"
  })
  void rowsAreAddedWhereverTheyBelong(int count, int width, int places) {
    for (boolean skewed : new boolean[] {false, true}) {
      Tensor index = index(places, skewed, count);
      IndexSelect.Add add = new IndexSelect.Add(0, places);
      check(add, IndexSelect.Add.class, "sorted", whole(DType.F32, count, width), index);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BOOL")
  void sumsOfEveryTypeAlongAnyAxis(DType dtype) {
    for (DType type : new DType[] {DType.I64, DType.I32}) {
      for (String variant : new String[] {"sorted", "ordered"}) {
        Tensor index = index(6, true, 150).to(type);
        for (int width : new int[] {1, 8}) {
          Op add = new IndexSelect.Add(-2, 6);
          Tensor x = whole(dtype, 2, 150, width);
          check(add, IndexSelect.Add.class, variant, x, index);
          check(add, IndexSelect.Add.class, variant, x.flip(0), index.flip(0));
        }
        Tensor places = index(9, false, 2, 150, 3).to(type);
        Op scatter = new Gather.ScatterAdd(1, 9);
        Tensor x = whole(dtype, 2, 150, 3);
        check(scatter, Gather.ScatterAdd.class, variant, x, places);
        check(scatter, Gather.ScatterAdd.class, variant, x.flip(1), places.flip(2));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sorted", "ordered"})
  void sumsOfBytesEndAt255(String variant) {
    for (boolean skewed : new boolean[] {true, false}) { // to 255 in several chunks, or within one
      Tensor x = Tensor.full(new Meta(Shape.of(150, 3), DType.U8, Device.CPU), skewed ? 3 : 30);
      check(new IndexSelect.Add(0, 6), IndexSelect.Add.class, variant, x, index(6, skewed, 150));
    }
  }

  @ParameterizedTest
  @CsvSource({"5000, 1, 3", "3, 200, 900", "1, 4097, 100000"})
  void elementsAreAddedWhereverTheyBelong(int outer, int count, int size) {
    Tensor x = whole(DType.F32, outer, count);
    Tensor index = index(size, true, outer, count);
    for (String variant : new String[] {"sorted", "ordered"}) {
      check(new Gather.ScatterAdd(1, size), Gather.ScatterAdd.class, variant, x, index);
    }
  }

  /** Lines that begin anywhere in a sector; places that all, or two, of a warp's lanes add to. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "9, 31, 33", "5, 129, 7", "3, 300, 1000", "2, 4096, 4096", "40, 1, 100"})
  void sumsAreHeld(int outer, int count, int size) {
    for (boolean skewed : new boolean[] {false, true}) {
      Tensor x = whole(DType.F32, outer, count);
      Tensor index = index(size, skewed, outer, count);
      check(new Gather.ScatterAdd(1, size), Gather.ScatterAdd.class, "held", x, index);
      check(
          new Gather.ScatterAdd(-1, size),
          Gather.ScatterAdd.class,
          "held",
          x.to(DType.BF16).flip(1),
          index.to(DType.I32).flip(0));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BOOL")
  void sumsOfEveryTypeAreHeld(DType dtype) {
    Tensor x = whole(dtype, 3, 70);
    check(new Gather.ScatterAdd(1, 9), Gather.ScatterAdd.class, "held", x, index(9, true, 3, 70));
  }

  /** The runs of one row must be told apart from the next however they lie in the chunks. */
  @ParameterizedTest
  @ValueSource(ints = {31, 32, 33, 64, 96, 320})
  void runsEndAnywhereInAChunk(int run) {
    int count = 640;
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = i / run;
    }
    Tensor index = Tensor.of(values);
    IndexSelect.Add add = new IndexSelect.Add(0, count / run + 2);
    check(add, IndexSelect.Add.class, "sorted", whole(DType.F32, count, 4), index);
    check(add, IndexSelect.Add.class, "sorted", whole(DType.F32, count, 33), index);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sorted", "ordered"})
  void theBitsAreTheSameEachTime(String variant) {
    Tensor x = Tensor.normal(new Philox(1), 3000, 8).to(gpu);
    Tensor index = index(5, true, 3000).to(gpu);
    float[] first = null;
    for (int i = 0; i < 3; i++) {
      Tensor y =
          Choice.with(
              IndexSelect.Add.class, variant, () -> new IndexSelect.Add(0, 5).apply(x, index));
      first = first == null ? y.toFloats() : first;
      assertArrayEquals(first, y.toFloats());
    }
  }

  /**
   * Rows of every size, taken by units of 1 to 16 bytes, also from storages begun in the middle.
   */
  @ParameterizedTest
  @EnumSource
  void rowsAreTakenByUnitsThatFit(DType dtype) {
    for (int width : new int[] {1, 2, 3, 4, 8, 24, 33}) {
      for (UnaryOperator<Tensor> view :
          List.<UnaryOperator<Tensor>>of(x -> x, x -> x.slice(0, 1, 6))) {
        Tensor x = Tensor.arange(7 * width * 2).to(dtype).reshape(7, width, 2);
        Tensor index = index(5, false, 130);
        for (String variant : new String[] {"rows", "strided"}) {
          Tensor there = x.to(gpu);
          IndexSelect select = new IndexSelect(0);
          Tensor y =
              Choice.with(
                  IndexSelect.class, variant, () -> select.apply(view.apply(there), index.to(gpu)));
          assertArrayEquals(select.apply(view.apply(x), index).toDoubles(), y.toDoubles());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1023, 1", "2, 1025, 1", "300, 1, 7", "3, 5, 129"})
  void elementsAreTakenFromAnywhere(int outer, int count, int inner) {
    Tensor x = Tensor.arange(outer * 11 * inner).to(DType.F32).reshape(outer, 11, inner);
    Tensor index = index(11, false, outer, count, inner);
    for (String variant : new String[] {"flat", "strided"}) {
      check(new Gather(1), Gather.class, variant, x, index);
      check(new Gather(1), Gather.class, variant, x, index.to(DType.I32));
    }
    check(new Gather(1), Gather.class, "strided", x.flip(1), index.flip(1));
  }

  @Test
  void anIndexOutOfRangeIsNamed() {
    Tensor x = Tensor.zeros(4, 200).to(gpu);
    Tensor bad = Tensor.of(0L, 3L, 4L).to(gpu);
    assertMessage(
        "index_select: index 4 at element 2 lies outside 0 to 3", () -> x.indexSelect(0, bad));
    for (String variant : new String[] {"sorted", "ordered"}) {
      assertMessage(
          "index_select.add: index 4 at element 2 lies outside 0 to 3",
          () ->
              Choice.with(
                  IndexSelect.Add.class,
                  variant,
                  () -> new IndexSelect.Add(0, 4).apply(x.slice(0, 0, 3), bad)));
      assertMessage(
          "gather.scatter_add: index -1 at element 1 lies outside 0 to 8",
          () ->
              Choice.with(
                  Gather.ScatterAdd.class,
                  variant,
                  () ->
                      new Gather.ScatterAdd(0, 9)
                          .apply(x.flatten(0).slice(0, 0, 2), Tensor.of(8L, -1L).to(gpu))));
    }
    // And then all goes on.
    assertEquals(0, x.gather(0, Tensor.zeros(1, 200).to(DType.I64).to(gpu)).toDoubles()[0]);
  }

  /** What comes later says nothing, until somebody has asked. */
  @ParameterizedTest
  @CsvSource({
    "gather, flat",
    "gather, strided",
    "index_select, rows",
    "index_select, strided",
    "scatter, strided",
    "index_select.add, sorted",
    "index_select.add, ordered",
    "gather.scatter_add, held",
    "gather.scatter_add, sorted",
    "gather.scatter_add, ordered"
  })
  void theFirstFaultIsNamed(String op, String variant) {
    for (long index : new long[] {-1, 1_000_000}) {
      assertMessage(
          op + ": index " + index + " at element 1 lies outside 0 to 8",
          () -> {
            Tensor y = indexed(op, variant, index);
            Tensor _ = indexed(op, variant, -7);
            return y;
          });
    }
  }

  private Tensor indexed(String name, String variant, long index) {
    Op op =
        switch (name) {
          case "gather" -> new Gather(0);
          case "index_select" -> new IndexSelect(0);
          case "index_select.add" -> new IndexSelect.Add(0, 9);
          case "gather.scatter_add" -> new Gather.ScatterAdd(0, 9);
          default -> new Scatter(0);
        };
    Tensor at = Tensor.of(8L, index, 0).to(gpu);
    Tensor three = Tensor.arange(3).to(DType.F32).to(gpu);
    Tensor nine = Tensor.arange(9).to(DType.F32).to(gpu);
    return Choice.with(
        op.getClass(),
        variant,
        () ->
            switch (name) {
              case "gather", "index_select" -> op.apply(nine, at);
              case "scatter" -> op.apply(nine, at, three);
              default -> op.apply(three, at);
            });
  }

  private void assertMessage(String message, java.util.function.Supplier<Tensor> call) {
    IndexOutOfBoundsException e =
        assertThrows(IndexOutOfBoundsException.class, () -> call.get().toDoubles());
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void elementsAreWritten(DType dtype) {
    Tensor x = Tensor.arange(3 * 50 * 2).to(dtype).reshape(3, 50, 2);
    Tensor places = Tensor.normal(new Philox(1), 3, 50, 2).sort(1).indices().slice(1, 0, 40);
    Tensor source = Tensor.arange(3 * 40 * 2).to(dtype).reshape(3, 40, 2).flip(1);
    assertArrayEquals(
        Scatter.of(x.flip(0), 1, places, source).toDoubles(),
        Scatter.of(x.to(gpu).flip(0), 1, places.to(gpu), source.to(gpu)).toDoubles());
  }

  @Test
  void aPlaceWrittenTwiceIsNamed() {
    long[] places = new long[1000];
    for (int i = 0; i < places.length; i++) {
      places[i] = i;
    }
    places[700] = 0;
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Scatter.of(
                        Tensor.zeros(1000).to(gpu),
                        0,
                        Tensor.of(places).to(gpu),
                        Tensor.ones(1000).to(gpu))
                    .toDoubles());
    assertEquals(
        "scatter: index 0 at element 700 is there twice; to add up, use Gather.ScatterAdd",
        e.getMessage());
  }
}
