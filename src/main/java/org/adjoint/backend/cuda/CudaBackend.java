package org.adjoint.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.backend.Arrival;
import org.adjoint.backend.Backend;
import org.adjoint.backend.Dense;
import org.adjoint.backend.HostArray;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.CudaException;
import org.adjoint.backend.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs kernels on one GPU: for each the first of its {@linkplain Kernel#cuda variants} that
 * supports the operands, or the one that {@code -Dadjoint.kernel.NAME=VARIANT} names. All work is
 * queued on one stream; reading values waits for it.
 *
 * <p>{@code -Dadjoint.cuda.cache=false} gives each tensor an allocation of its own size from CUDA,
 * and {@code -Dadjoint.poison=true} fills it with NaN: for tools that watch memory.
 */
public final class CudaBackend implements Backend {
  private static final ConcurrentMap<Device, CudaBackend> BACKENDS = new ConcurrentHashMap<>();

  private final Device device;
  private final Context context;
  private final Stream stream;
  private final Allocator allocator;
  private final Faults faults;
  private final Trace trace = new Trace();
  private final Gpu gpu;
  private volatile @Nullable Uploads uploads;
  private boolean poison = Boolean.getBoolean("adjoint.poison");

  private CudaBackend(Device device) {
    this(device, !"false".equals(System.getProperty("adjoint.cuda.cache")));
  }

  /** With memory that is kept for the next tensor, or given back to CUDA at once. */
  CudaBackend(Device device, boolean cache) {
    this.device = device;
    context = Context.of(device.index());
    stream = new Stream(context);
    allocator = new Allocator(context, cache);
    faults = new Faults(context, stream);
    gpu = new Gpu(this, context, stream, new KernelLibrary(context));
  }

  /**
   * The backend of {@code device}.
   *
   * @throws UnsupportedOperationException if CUDA is not usable here, or there is no such device
   */
  public static CudaBackend of(Device device) {
    return BACKENDS.computeIfAbsent(device, CudaBackend::new);
  }

  @Override
  public synchronized Storage allocate(DType dtype, long length) {
    CudaStorage storage = new CudaStorage(device, dtype, length, allocator);
    if (poison) {
      // All ones: a NaN in every floating type.
      stream.fill(storage.address(), (byte) -1, storage.bytes());
    }
    return storage;
  }

  @Override
  public synchronized void run(Kernel kernel, Operand[] in, Operand[] out) {
    if (Arrays.stream(out).allMatch(operand -> operand.count() == 0)) {
      checkIndices(kernel, in, out);
      return;
    }
    Recording.hold(this, kernel.name(), in);
    Recording.hold(this, kernel.name(), out);
    try {
      choose(kernel, in, out).launch().run(gpu, in, out);
    } finally {
      gpu.releaseScratch();
    }
  }

  /** Where nothing is computed, an index may be out of range: then the reference says so. */
  private void checkIndices(Kernel kernel, Operand[] in, Operand[] out) {
    boolean some =
        Arrays.stream(in)
            .anyMatch(x -> x.count() > 0 && (x.dtype() == DType.I64 || x.dtype() == DType.I32));
    if (some) {
      kernel.reference(
          Arrays.stream(in).map(this::dense).toArray(Dense[]::new),
          Arrays.stream(out).map(y -> Dense.zeros(y.shape())).toArray(Dense[]::new));
    }
  }

  private Dense dense(Operand operand) {
    Operand wide = gpu.converted(operand, DType.F64);
    Dense dense = Dense.zeros(operand.shape());
    if (operand.count() > 0) {
      read(wide, MemorySegment.ofArray(dense.data()));
    }
    return dense;
  }

  /**
   * The variant that runs these operands where none is named.
   *
   * @throws NoKernelException if there is none
   */
  public Variant chosen(Kernel kernel, Operand[] in, Operand[] out) {
    return choose(kernel, null, in, out);
  }

  private Variant choose(Kernel kernel, Operand[] in, Operand[] out) {
    return choose(kernel, Choice.of(kernel), in, out);
  }

  private Variant choose(Kernel kernel, @Nullable String wanted, Operand[] in, Operand[] out) {
    List<Variant> variants = Variants.of(kernel);
    for (Variant variant : variants) {
      if (variant.runs(wanted, in, out)) {
        return variant;
      }
    }
    throw new NoKernelException(kernel, refusal(kernel, wanted, variants, in));
  }

  private String refusal(
      Kernel kernel, @Nullable String wanted, List<Variant> variants, Operand... in) {
    String why = kernel.cpuOnly();
    if (why != null) {
      return kernel.name() + ": runs on cpu alone: " + why;
    }
    String what =
        "%s: has no %s on %s for %s"
            .formatted(
                kernel.name(),
                wanted == null ? "kernel" : wanted + " variant",
                device,
                Arrays.stream(in)
                    .map(operand -> operand.dtype() + " " + operand.shape())
                    .collect(Collectors.joining(", ")));
    if (wanted == null || variants.isEmpty()) {
      return what;
    }
    return variants.stream()
        .filter(variant -> variant.name().equals(wanted))
        .findFirst()
        .map(known -> known.takes().isEmpty() ? what : what + "; it takes: " + known.takes())
        .orElseGet(() ->
            variants.stream()
                .map(Variant::name)
                .collect(Collectors.joining(", ", what + "; there is: ", "")));
  }

  /** Queues launches that belong to no kernel. */
  private void queue(Runnable launches) {
    try {
      launches.run();
    } finally {
      gpu.releaseScratch();
    }
  }

  @Override
  public synchronized void copy(Operand from, Operand to) {
    Recording.hold(this, "copy", from, to);
    queue(() -> gpu.copy(from, to));
  }

  @Override
  public synchronized void fill(Storage to, double value) {
    Recording.hold(this, "fill", ((CudaStorage) to).whole());
    queue(() ->
        gpu.call("copy", "fill", to.dtype())
            .int64(to.length())
            .float64(value)
            .pointer(((CudaStorage) to).whole())
            .each(to.length()));
  }

  /**
   * Uniform numbers in [0, 1), F32 or F64: the bits of {@link Philox#fillUniform}.
   *
   * @param to of this backend
   */
  public synchronized void fillUniform(Storage to, long seed, long offset) {
    fillRandom("uniform", to, seed, offset);
  }

  /**
   * Normal numbers, F32 or F64: the bits of {@link Philox#fillNormal}.
   *
   * @param to of this backend
   */
  public synchronized void fillNormal(Storage to, long seed, long offset) {
    fillRandom("normal", to, seed, offset);
  }

  private void fillRandom(String entry, Storage to, long seed, long offset) {
    Recording.refuse(entry + ": each replay would draw the same", "draw before the step");
    queue(() ->
        gpu.call("random", entry, to.dtype())
            .int64(to.length())
            .int64(seed)
            .int64(offset)
            .pointer(((CudaStorage) to).whole())
            .each(to.length() == 0 ? 0 : to.length() / 2 + 1));
  }

  @Override
  public synchronized void drawUniform(Storage to, Philox random, double low, double high) {
    queue(() -> {
      Gpu.Call call = draw("draw_uniform", to, random).float64(low).float64(high);
      if (to.dtype() == DType.F64) {
        call.float64(Math.max(low, Math.nextDown(high)));
      } else {
        call.float32(Math.max((float) low, Math.nextDown((float) high)));
      }
      call.pointer(((CudaStorage) to).whole()).each(to.length());
    });
    random.seek(random.position() + 2 * to.length());
  }

  @Override
  public synchronized void drawNormal(Storage to, Philox random) {
    queue(() ->
        draw("draw_normal", to, random).pointer(((CudaStorage) to).whole()).each(to.length()));
    random.seek(random.position() + 4 * to.length());
  }

  private Gpu.Call draw(String entry, Storage to, Philox random) {
    Recording.refuse(entry + ": nothing is drawn", "draw before the step");
    return gpu.call("random", entry, to.dtype())
        .int64(to.length())
        .int64(random.seed())
        .int64(random.stream())
        .int64(random.position());
  }

  @Override
  public synchronized void write(Object array, Storage to) {
    write(HostArray.bytes(array).asSlice(0, to.bytes()), to);
  }

  @Override
  public synchronized void write(MemorySegment bytes, Storage to) {
    Recording.refuse("write: the host's memory cannot be copied", "assign before replay()");
    if (Words.fit(bytes.byteSize())) {
      Words.write(gpu, bytes, ((CudaStorage) to).address());
    } else {
      stream.uploadNow(bytes, ((CudaStorage) to).address());
    }
  }

  @Override
  public synchronized void read(Operand from, MemorySegment bytes) {
    Recording.refuse("read: there are no elements yet", "read after replay()");
    try {
      Operand packed = gpu.contiguous(from);
      stream.downloadNow(CudaStorage.address(packed), bytes);
      faults.check();
    } finally {
      gpu.releaseScratch();
    }
  }

  @Override
  public Object read(Operand from) {
    Object array = HostArray.of(from.dtype(), HostArray.requireLength(device, from.count()));
    read(from, HostArray.bytes(array));
    return array;
  }

  @Override
  public Arrival receive(Operand... here) {
    return uploads().send(here);
  }

  /** Made when first needed: it has pinned memory, and a stream. */
  private Uploads uploads() {
    synchronized (allocator) {
      Uploads made = uploads;
      if (made == null) {
        made = new Uploads(this, device, stream, allocator);
        uploads = made;
      }
      return made;
    }
  }

  /** Waits for all that is queued; what went wrong in a kernel comes to light here. */
  public synchronized void synchronize() {
    Recording.refuse("synchronize: there is nothing to wait for", "wait after replay()");
    stream.synchronize();
    faults.check();
  }

  /**
   * Whether an error of a kernel has put an end to this process's use of the device, as CUDA has
   * it: each later call only returns the error.
   */
  public synchronized boolean isLost() {
    try {
      stream.synchronize();
      return false;
    } catch (CudaException e) {
      return true;
    }
  }

  /** Which kernels were launched. */
  public Trace trace() {
    return trace;
  }

  /** Whether fresh memory holds NaN from now on; returns whether it did. */
  public synchronized boolean poison(boolean on) {
    boolean before = poison;
    poison = on;
    return before;
  }

  Device device() {
    return device;
  }

  Context context() {
    return context;
  }

  Stream stream() {
    return stream;
  }

  Faults faults() {
    return faults;
  }

  Allocator allocator() {
    return allocator;
  }

  Gpu gpu() {
    return gpu;
  }

  @Override
  public long liveBytes() {
    return allocator.live();
  }

  /** The most bytes that tensors have held at a time, in whole blocks. */
  public long peakBytes() {
    return allocator.peak();
  }

  /** Bytes taken from CUDA, those included that are kept for the next tensors. */
  public long heldBytes() {
    return allocator.held();
  }

  /** Gives back to CUDA the memory that no tensor holds. */
  public synchronized void flush() {
    Recording.refuse("flush: the device cannot be waited for", "do it before or after");
    stream.synchronize();
    Uploads sent = uploads;
    if (sent != null) {
      sent.flush();
    }
    allocator.flush();
  }

  /** Bytes of shared memory that a block may ask for. */
  int sharedPerBlock() {
    return gpu.sharedPerBlock();
  }

  @Override
  public String toString() {
    return gpu.toString();
  }
}
