package org.adjoint.backend;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.CudaBackend;

/** Memory and computation on one device. */
public interface Backend {
  /**
   * The backend of {@code device}.
   *
   * @throws UnsupportedOperationException if it is not available here; the message says why
   */
  static Backend of(Device device) {
    if (device.equals(Device.CPU)) {
      return CpuBackend.INSTANCE;
    }
    return CudaBackend.of(device);
  }

  /** Room for {@code length} elements, contents undefined. */
  Storage allocate(DType dtype, long length);

  /**
   * Runs {@code kernel} by its best variant.
   *
   * @param out contiguous operands of the inferred shapes: fresh ones, or inputs, if the kernel is
   *     one that may overwrite them
   */
  void run(Kernel kernel, Operand[] in, Operand[] out);

  /** Copies elements between operands of equal shape and dtype on this device. */
  void copy(Operand from, Operand to);

  /** Writes {@code value}, converted as by a cast, to every element. */
  void fill(Storage to, double value);

  /**
   * Fills {@code to}, F32 or F64, with what {@code random} draws next by {@link Philox#nextDouble},
   * stretched to [low, high); it goes on after them. A device that draws by itself draws the same
   * bits.
   */
  default void drawUniform(Storage to, Philox random, double low, double high) {
    int length = HostArray.requireLength(to.device(), to.length());
    if (to.dtype() == DType.F64) {
      double[] values = new double[length];
      double most = Math.max(low, Math.nextDown(high));
      // Rounding may reach high.
      Arrays.setAll(values, _ -> Math.min(low + (high - low) * random.nextDouble(), most));
      write(values, to);
      return;
    }
    float[] values = new float[length];
    float most = Math.max((float) low, Math.nextDown((float) high));
    for (int i = 0; i < length; i++) {
      values[i] = Math.min((float) (low + (high - low) * random.nextDouble()), most);
    }
    write(values, to);
  }

  /**
   * Fills {@code to}, F32 or F64, with what {@code random} draws next by {@link
   * Philox#nextGaussian}, as {@link #drawUniform} does.
   */
  default void drawNormal(Storage to, Philox random) {
    int length = HostArray.requireLength(to.device(), to.length());
    if (to.dtype() == DType.F64) {
      double[] values = new double[length];
      Arrays.setAll(values, _ -> random.nextGaussian());
      write(values, to);
      return;
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    write(values, to);
  }

  /**
   * Fills {@code to} from a Java array of as many elements.
   *
   * @param array {@code double[]} for F64, {@code float[]} F32, {@code short[]} BF16 and F16,
   *     {@code long[]} I64, {@code int[]} I32, {@code byte[]} U8 and BOOL
   */
  void write(Object array, Storage to);

  /** Fills {@code to} from as many bytes, in the machine's byte order. */
  void write(MemorySegment bytes, Storage to);

  /** Writes the elements of {@code from} in row-major order, in the machine's byte order. */
  void read(Operand from, MemorySegment bytes);

  /** The elements of {@code from} in row-major order as a fresh Java array, typed as in write. */
  Object read(Operand from);

  /**
   * Begins to bring operands of the CPU's here, each in row-major order, and reads them before it
   * returns. Any thread may call this, while others compute.
   */
  default Arrival receive(Operand... here) {
    Storage[] storages = new Storage[here.length];
    for (int i = 0; i < here.length; i++) {
      storages[i] = allocate(here[i].dtype(), here[i].count());
      write(of(Device.CPU).read(here[i]), storages[i]);
    }
    return new Arrival() {
      @Override
      public Storage[] await() {
        return storages;
      }

      @Override
      public void close() {
        Arrays.stream(storages).forEach(Storage::release);
      }
    };
  }

  /** Bytes held by storages that were allocated and not yet given back. */
  long liveBytes();
}
