package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.KernelFunction;
import org.adjoint.backend.cuda.driver.Launch;
import org.adjoint.backend.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel's {@link Variant} works with: launches on the compute stream of one device, and
 * memory for what lies between two launches. All launches are queued, none is waited for.
 *
 * <pre>{@code
 * gpu.call("softmax", "softmax_online", x.dtype())
 *     .pointers(x, y).int64(rows).int64(columns)
 *     .grid(rows).block(256).run();
 * }</pre>
 */
public final class Gpu {
  /** Threads of a block where nothing speaks for another number. */
  public static final int BLOCK = 256;

  private final CudaBackend backend;
  private final Context context;
  private final Stream stream;
  private final KernelLibrary kernels;
  private final Gemm gemm;
  private final Convolutions convolutions;
  private final Call call = new Call();

  /** That of copies, which may come while another launch is being put together. */
  private final Call copying = new Call();

  private final List<Storage> scratch = new ArrayList<>();

  Gpu(CudaBackend backend, Context context, Stream stream, KernelLibrary kernels) {
    this.backend = backend;
    this.context = context;
    this.stream = stream;
    this.kernels = kernels;
    gemm = new Gemm(this, stream);
    convolutions = new Convolutions(this, stream);
  }

  /** How the names of a dtype's entries end. */
  public static String suffix(DType dtype) {
    return switch (dtype) {
      case F64 -> "f64";
      case F32 -> "f32";
      case BF16 -> "bf16";
      case F16 -> "f16";
      case I64 -> "i64";
      case I32 -> "i32";
      case U8 -> "u8";
      case BOOL -> "bool";
    };
  }

  /** Begins a launch of {@code entry_dtype} of a family. */
  public Call call(String family, String entry, DType dtype) {
    return call(family, entry + "_" + suffix(dtype));
  }

  /**
   * Begins a launch of {@code entry} of a family, a file of {@code src/main/cuda}.
   *
   * @throws UnsupportedOperationException if there is no such kernel
   */
  public Call call(String family, String entry) {
    backend.trace().queued(entry);
    call.begin(kernels.function(family, entry));
    return call;
  }

  /**
   * Begins a launch of {@code entry} of one's own file, which is compiled if need be, and loaded,
   * when the first of its kernels is launched here.
   *
   * @throws IllegalArgumentException if there is no such file or kernel, nvcc refuses it, or it is
   *     compiled for another machine
   * @throws UnsupportedOperationException if it must be compiled, and there is no nvcc
   */
  public Call call(KernelFile file, String entry) {
    call.begin(kernels.function(file, entry));
    return call;
  }

  /** Multiprocessors of the device: what a grid that strides has a few blocks for each of. */
  public int multiprocessors() {
    return context.multiprocessors();
  }

  /** Bytes of shared memory that a block may ask for. */
  public int sharedPerBlock() {
    return context.sharedPerBlock();
  }

  /** Room that is given back when the variant has returned, contents undefined. */
  public Operand scratch(DType dtype, Shape shape) {
    Storage storage = backend.allocate(dtype, shape.count());
    scratch.add(storage);
    return new Operand(storage, Layout.contiguous(shape));
  }

  /** The operand, or a copy of it that lies in row-major order. */
  public Operand contiguous(Operand operand) {
    if (operand.layout().isContiguous()) {
      return operand;
    }
    Operand packed = scratch(operand.dtype(), operand.shape());
    copy(operand, packed);
    return packed;
  }

  /**
   * A copy of the operand in row-major order, but each row begins at a multiple of {@code size}.
   */
  public Operand padded(Operand operand, int size) {
    Shape shape = operand.shape();
    long columns = shape.size(-1);
    Operand room = scratch(operand.dtype(), shape.with(-1, Math.ceilDiv(columns, size) * size));
    Operand rows =
        new Operand(room.storage(), room.layout().slice(shape.rank() - 1, 0, columns, 1));
    copy(operand, rows);
    return rows;
  }

  /** Copies elements between operands of equal shape and dtype. */
  public void copy(Operand from, Operand to) {
    if (from.count() == 0) {
      return;
    }
    int bytes = from.dtype().bytes();
    if (from.layout().isContiguous() && to.layout().isContiguous()) {
      try (Timeline.Mark _ = timed("copy")) {
        stream.copy(CudaStorage.address(from), CudaStorage.address(to), from.count() * bytes);
      }
      return;
    }
    Turn turn = Turn.of(from, to);
    if (turn != null) {
      turn.run(copying("copy_tiled_" + bytes), from, to);
      return;
    }
    copying("copy_strided_" + bytes).walk(from, to).pointers(from, to).each(from.count());
  }

  private Call copying(String entry) {
    copying.begin(kernels.function("copy", entry));
    return copying;
  }

  /** Lets a profile know of what is queued until the mark is closed. */
  Timeline.Mark timed(String kernel) {
    return Timeline.mark(backend, kernel);
  }

  /** What is noted of the launches. */
  Trace trace() {
    return backend.trace();
  }

  /** Convolutions by cuDNN. */
  Convolutions convolutions() {
    return convolutions;
  }

  /**
   * y = a·b, or y + a·b, for a [.., M, K], b [.., K, N] and y [.., M, N] of one floating dtype,
   * whose axes before the last two are equal. The factors may lie anyhow: transposes and slices are
   * not copied. In y each row lies in order.
   */
  public void gemm(Operand a, Operand b, Operand y, boolean add) {
    gemm.product(a, b, y, add);
  }

  Gemm gemm() {
    return gemm;
  }

  /** The elements of an operand in another dtype, rounded once, in row-major order. */
  public Operand converted(Operand operand, DType dtype) {
    Operand to = scratch(dtype, operand.shape());
    convert(operand, to);
    return to;
  }

  /** Copies elements between operands of equal shape, to another dtype. */
  public void convert(Operand from, Operand to) {
    copying("cast_strided_" + suffix(from.dtype()) + "_" + suffix(to.dtype()))
        .walk(from, to)
        .pointers(from, to)
        .each(from.count());
  }

  /** Writes zeros; {@code operand} lies in order. */
  public void zero(Operand operand) {
    try (Timeline.Mark _ = timed("zero")) {
      stream.fill(
          CudaStorage.address(operand), (byte) 0, operand.count() * operand.dtype().bytes());
    }
  }

  /** Whether the first element of an operand lies at a multiple of 16 bytes. */
  public static boolean isAligned(Operand operand) {
    return CudaStorage.address(operand) % 16 == 0;
  }

  /** Gives back what {@link #scratch} lent, and drops a launch that an exception left half made. */
  void releaseScratch() {
    for (Storage storage : scratch) {
      storage.release();
    }
    scratch.clear();
    call.begun = null;
  }

  /**
   * A launch that is being put together. Arguments come in the order of the kernel's parameters.
   * There is one such object: whatever may launch something itself, as {@link #contiguous} does,
   * comes before it is begun.
   */
  public final class Call {
    private final Launch launch = new Launch();
    private @Nullable KernelFunction begun;
    private String name = "";

    private Call() {}

    private void begin(KernelFunction function) {
      if (begun != null) {
        throw new IllegalStateException(
            "launch of %s: begun while that of %s was being put together"
                .formatted(function, begun));
      }
      begun = function;
      name = function.name();
      launch.of(function);
    }

    /**
     * Pointers to arrays: operands of one dtype, whose elements lie in row-major order, as a kernel
     * that takes {@code const float*} and a number of elements expects it of F32.
     *
     * @throws IllegalArgumentException if one is of another dtype, or lies otherwise
     */
    public Call flat(DType dtype, Operand... operands) {
      for (Operand operand : operands) {
        Objects.requireNonNull(operand, () -> "launch of " + name + ": an operand is null");
        if (operand.dtype() != dtype) {
          throw new IllegalArgumentException(
              "launch of %s: an operand is %s, and the kernel takes %s"
                  .formatted(name, operand.dtype(), dtype));
        }
        if (!operand.layout().isContiguous()) {
          throw new IllegalArgumentException(
              "launch of %s: an operand, %s, is a view; give it gpu.contiguous(x), or walk(…)"
                  .formatted(name, operand.shape()));
        }
        launch.address(CudaStorage.address(operand));
      }
      return this;
    }

    /** Pointers to the first elements of operands, however they lie. */
    public Call pointers(Operand... operands) {
      for (Operand operand : operands) {
        launch.address(CudaStorage.address(operand));
      }
      return this;
    }

    /** A pointer to the first element of an operand, or a null pointer. */
    public Call pointerOrNull(@Nullable Operand operand) {
      launch.address(operand == null ? 0 : CudaStorage.address(operand));
      return this;
    }

    /** A pointer to the first element of an operand. */
    public Call pointer(Operand operand) {
      launch.address(CudaStorage.address(operand));
      return this;
    }

    /**
     * A {@code Walk<N>} of operands of one shape, and then the number of their elements, a {@code
     * long long}.
     */
    public Call walk(Operand... operands) {
      return walk(new Walk("copy", operands));
    }

    Call walk(Walk walk) {
      launch.struct().int32(walk.axes).int64s(walk.sizes, Walk.MAX_AXES);
      for (long[] strides : walk.strides) {
        launch.int64s(strides, Walk.MAX_AXES);
      }
      launch.end().int64(walk.count);
      return this;
    }

    /** An {@code int}. */
    public Call int32(int value) {
      launch.int32(value);
      return this;
    }

    /** A {@code long long}. */
    public Call int64(long value) {
      launch.int64(value);
      return this;
    }

    /** A {@code float}. */
    public Call float32(float value) {
      launch.float32(value);
      return this;
    }

    /** A {@code double}. */
    public Call float64(double value) {
      launch.float64(value);
      return this;
    }

    /** A struct whose members are {@code long long}s, arrays of them included. */
    public Call longs(long... members) {
      launch.struct().int64s(members, members.length).end();
      return this;
    }

    /** A {@code Live<T>}: T is a number of 8 bytes, or a struct of such numbers. */
    public Call live(Live numbers) {
      long[] bits = numbers.bits();
      launch.struct().int64s(bits, bits.length).int64(numbers.address()).end();
      return this;
    }

    /** A {@code Divider} by {@code size}, from 1 to 2³¹ − 1. */
    public Call divider(long size) {
      int shift = Integer.SIZE - Integer.numberOfLeadingZeros((int) size - 1);
      long magic = (1L << 32) * ((1L << shift) - size) / size + 1;
      launch.struct().int32((int) size).int32((int) magic).int32(shift).end();
      return this;
    }

    /** Where a kernel notes an index that is out of range, for messages about {@code name}. */
    public Call guard(String name) {
      launch.address(backend.faults().address()).int32(backend.faults().number(name));
      return this;
    }

    /** Blocks along x, y and z. */
    public Call grid(long x, long y, long z) {
      launch.grid(x, y, z);
      return this;
    }

    /** Blocks along x. */
    public Call grid(long x) {
      launch.grid(x);
      return this;
    }

    /** Threads of a block along x, y and z. */
    public Call block(int x, int y, int z) {
      launch.block(x, y, z);
      return this;
    }

    /** Threads of a block. */
    public Call block(int x) {
      launch.block(x);
      return this;
    }

    /** Bytes of dynamic shared memory. */
    public Call shared(long bytes) {
      launch.shared(bytes);
      return this;
    }

    /**
     * Queues the launch with a thread for each of {@code n} elements; nothing if there are none.
     */
    public void each(long n) {
      if (n > 0) {
        grid(Math.min(Math.ceilDiv(n, BLOCK), Integer.MAX_VALUE)).block(BLOCK).run();
      }
      begun = null;
    }

    /** Queues the launch. */
    public void run() {
      begun = null;
      try (Timeline.Mark _ = timed(name)) {
        launch.on(stream);
      }
    }

    /**
     * Queues the launch, all of whose blocks are in flight at once, so that they may wait for each
     * other: with a block for each multiprocessor at most, they are.
     */
    public void runTogether() {
      begun = null;
      try (Timeline.Mark _ = timed(name)) {
        launch.togetherOn(stream);
      }
    }
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s, %d multiprocessors", context, multiprocessors());
  }
}
