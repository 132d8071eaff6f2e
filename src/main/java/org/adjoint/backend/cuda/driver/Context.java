package org.adjoint.backend.cuda.driver;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_WARP_SIZE;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * A device and its primary context: the one that every library in the process shares. It is
 * retained at first use and lives until the process ends.
 */
public final class Context {
  private static final ConcurrentHashMap<Integer, Context> PRIMARY = new ConcurrentHashMap<>();
  private static final ThreadLocal<@Nullable Context> CURRENT = new ThreadLocal<>();

  private final int index;
  private final CUdevice device = new CUdevice();
  private final CUcontext handle = new CUcontext();

  private final String name;
  private final long totalMemory;
  private final int capability;
  private final int multiprocessors;
  private final int sharedPerBlock;
  private final int warpSize;
  private final int clock;
  private final int l2;
  private final int threadsPerMultiprocessor;
  private final boolean cooperative;

  private Context(int index) {
    this.index = index;
    Status.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, index));
    Status.check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(handle, device));
    name = Driver.name(device);
    totalMemory = Driver.memory(device);
    capability = Driver.capability(device);
    multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    sharedPerBlock = attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    warpSize = attribute(CU_DEVICE_ATTRIBUTE_WARP_SIZE);
    clock = attribute(CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
    l2 = attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
    threadsPerMultiprocessor = attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
    cooperative = attribute(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH) != 0;
  }

  /**
   * The context of device {@code index}, 0 being the first.
   *
   * @throws UnsupportedOperationException if CUDA is not usable here, or there is no such device
   */
  public static Context of(int index) {
    if (!Driver.problem().isEmpty()) {
      throw new UnsupportedOperationException(
          "device cuda:" + index + " is not available: " + Driver.problem());
    }
    int devices = Driver.count();
    if (index < 0 || index >= devices) {
      throw new UnsupportedOperationException(
          "device cuda:"
              + index
              + " is not available: CUDA shows "
              + devices
              + (devices == 1 ? " device" : " devices"));
    }
    return PRIMARY.computeIfAbsent(index, Context::new);
  }

  /** Where the device is, as {@code 0000:01:00.0}. */
  String bus() {
    String[] bus = new String[1];
    Status.check("cuDeviceGetPCIBusId", JCudaDriver.cuDeviceGetPCIBusId(bus, 32, device));
    return bus[0].strip();
  }

  /** Makes this the calling thread's context; costs next to nothing if it is already. */
  public void makeCurrent() {
    // A virtual thread may have moved to another carrier, and CUDA goes by the carrier.
    if (CURRENT.get() == this && !Thread.currentThread().isVirtual()) {
      return;
    }
    Status.check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(handle));
    CURRENT.set(this);
  }

  /** Waits for everything that was asked of the device, on all streams. */
  public void synchronize() {
    makeCurrent();
    Status.check("cuCtxSynchronize", JCudaDriver.cuCtxSynchronize());
  }

  /**
   * Takes {@code bytes} of the device's memory, at an address that is a multiple of 256.
   *
   * @throws CudaException that {@linkplain CudaException#isOutOfMemory() is out of memory} if there
   *     is not as much
   */
  public long allocate(long bytes) {
    makeCurrent();
    Handles.Allocation block = new Handles.Allocation();
    Status.check("cuMemAlloc", JCudaDriver.cuMemAlloc(block, bytes));
    return block.address();
  }

  /**
   * Does what is forbidden to a thread that records: takes memory, loads a module. Such calls are
   * not recorded, they are done at once; what they make must outlive the graph.
   */
  public <T> T unrecorded(Supplier<T> work) {
    makeCurrent();
    int[] mode = {CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED};
    exchange(mode);
    try {
      return work.get();
    } finally {
      exchange(mode);
    }
  }

  private static void exchange(int[] mode) {
    Status.check(
        "cuThreadExchangeStreamCaptureMode", JCudaDriver.cuThreadExchangeStreamCaptureMode(mode));
  }

  /** Gives back what {@link #allocate} took; waits for the device first, as CUDA does. */
  public void free(long address) {
    makeCurrent();
    Status.check("cuMemFree", JCudaDriver.cuMemFree(Handles.device(address)));
  }

  /** Bytes of the device's memory that nobody holds. */
  public long freeMemory() {
    makeCurrent();
    long[] free = new long[1];
    Status.check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, new long[1]));
    return free[0];
  }

  /** An attribute by its number in {@code CUdevice_attribute}. */
  public int attribute(int number) {
    return Driver.attribute(device, number);
  }

  /** The device's number. */
  public int device() {
    return index;
  }

  /** The device's name, as in {@code NVIDIA H100 80GB HBM3}. */
  public String name() {
    return name;
  }

  /** Bytes of memory that the device has. */
  public long totalMemory() {
    return totalMemory;
  }

  /** Compute capability, as in 90 for 9.0. */
  public int capability() {
    return capability;
  }

  /** Number of multiprocessors. */
  public int multiprocessors() {
    return multiprocessors;
  }

  /** Threads that a multiprocessor can have in flight. */
  public int threadsPerMultiprocessor() {
    return threadsPerMultiprocessor;
  }

  /** Bytes of shared memory that a block may have at most, if its kernel opts in. */
  public int sharedPerBlock() {
    return sharedPerBlock;
  }

  /** Threads in a warp. */
  public int warpSize() {
    return warpSize;
  }

  /** The highest clock of the multiprocessors in kHz. */
  public int clock() {
    return clock;
  }

  /** Bytes of the second-level cache. */
  public int l2() {
    return l2;
  }

  /** Whether blocks of one launch can wait for each other. */
  public boolean cooperative() {
    return cooperative;
  }

  /** Whether this is no GPU, but what stands in for one in tests: its times mean nothing. */
  public boolean isEmulated() {
    return name.equals("Adjoint emulator");
  }

  @Override
  public String toString() {
    return "cuda:" + index + " (" + name + ")";
  }
}
