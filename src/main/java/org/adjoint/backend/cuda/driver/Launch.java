package org.adjoint.backend.cuda.driver;

import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * Launches of kernels, one after the other, through one buffer, which CUDA copies before a launch
 * returns.
 *
 * <pre>
 * launch.of(softmax).address(x).address(y).int64(rows).int32(columns)
 *     .grid(rows).block(256).shared(1024).on(stream);
 * </pre>
 *
 * <p>Arguments go in the order of the kernel's parameters, each by the method of its C type. Their
 * number and sizes are checked where the driver knows them, since CUDA 12.4; an older one cannot
 * tell, and what is missing reads as all bits 1. One thread uses a launch at a time.
 */
public final class Launch {
  private static final int MOST_X = Integer.MAX_VALUE;
  private static final int MOST_YZ = 65_535;

  private final Arguments arguments = new Arguments();
  private final Pointer parameters = Handles.at(arguments.address());

  private @Nullable KernelFunction function;
  private int gridX;
  private int gridY;
  private int gridZ;
  private int blockX;
  private int blockY;
  private int blockZ;
  private int shared;

  /** Begins a launch of {@code function}: no arguments, one block of one thread. */
  public Launch of(KernelFunction function) {
    this.function = function;
    arguments.clear();
    shared = 0;
    return grid(1).block(1);
  }

  /** A pointer to device memory. */
  public Launch address(long value) {
    arguments.int64(value);
    return this;
  }

  /** An {@code int} or an {@code unsigned}. */
  public Launch int32(int value) {
    arguments.int32(value);
    return this;
  }

  /** A {@code long long} or a {@code size_t}. */
  public Launch int64(long value) {
    arguments.int64(value);
    return this;
  }

  /** A {@code float}. */
  public Launch float32(float value) {
    arguments.float32(value);
    return this;
  }

  /** A {@code double}. */
  public Launch float64(double value) {
    arguments.float64(value);
    return this;
  }

  /**
   * A struct by value: what follows, up to {@link #end}, are its members, each at a multiple of its
   * own size. A member that is a struct itself must be aligned as its first member is.
   */
  public Launch struct() {
    arguments.struct();
    return this;
  }

  /** The end of a struct, padded to a multiple of its largest member. */
  public Launch end() {
    arguments.end();
    return this;
  }

  /** A member {@code long long name[length]} of a struct; what {@code values} lacks is 0. */
  public Launch int64s(long[] values, int length) {
    arguments.int64s(values, length);
    return this;
  }

  /** A member {@code int name[length]} of a struct; what {@code values} lacks is 0. */
  public Launch int32s(int[] values, int length) {
    arguments.int32s(values, length);
    return this;
  }

  /** Blocks along x. */
  public Launch grid(long x) {
    return grid(x, 1, 1);
  }

  /** Blocks along each axis: x up to 2³¹ − 1, y and z up to 65,535; at least one. */
  public Launch grid(long x, long y, long z) {
    if (x < 1 || y < 1 || z < 1 || x > MOST_X || y > MOST_YZ || z > MOST_YZ) {
      throw new IllegalArgumentException(
          "launch of %s: a grid of %d × %d × %d blocks; it goes from 1 to %d × %d × %d"
              .formatted(function, x, y, z, MOST_X, MOST_YZ, MOST_YZ));
    }
    gridX = (int) x;
    gridY = (int) y;
    gridZ = (int) z;
    return this;
  }

  /** Threads of a block along x. */
  public Launch block(int x) {
    return block(x, 1, 1);
  }

  /** Threads of a block along each axis, no more than the kernel allows. */
  public Launch block(int x, int y, int z) {
    int most = function().maxThreads();
    if (x < 1 || y < 1 || z < 1 || z > 64 || (long) x * y > most || (long) x * y * z > most) {
      throw new IllegalArgumentException(
          "launch of %s: a block of %d × %d × %d threads; it takes 1 to %d, 64 along z"
              .formatted(function, x, y, z, most));
    }
    blockX = x;
    blockY = y;
    blockZ = z;
    return this;
  }

  /** Bytes of dynamic shared memory; above 48 KiB the kernel's opt-in is made. */
  public Launch shared(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "launch of " + function + ": " + bytes + " bytes of shared memory");
    }
    function().allowShared(bytes);
    shared = (int) bytes;
    return this;
  }

  /** Queues the launch. The same again, if called again. */
  public void on(Stream stream) {
    KernelFunction kernel = ready(stream);
    int status =
        JCudaDriver.cuLaunchKernel(
            kernel.handle(),
            gridX,
            gridY,
            gridZ,
            blockX,
            blockY,
            blockZ,
            shared,
            stream.handle(),
            parameters,
            null);
    Status.check("cuLaunchKernel", kernel.name(), status);
  }

  /** Queues the launch, all of whose blocks are in flight at once, so that they may wait. */
  public void togetherOn(Stream stream) {
    KernelFunction kernel = ready(stream);
    int status =
        JCudaDriver.cuLaunchCooperativeKernel(
            kernel.handle(),
            gridX,
            gridY,
            gridZ,
            blockX,
            blockY,
            blockZ,
            shared,
            stream.handle(),
            parameters);
    Status.check("cuLaunchCooperativeKernel", kernel.name(), status);
  }

  private KernelFunction ready(Stream stream) {
    arguments.address();
    stream.context().makeCurrent();
    KernelFunction kernel = function();
    kernel.require(arguments);
    return kernel;
  }

  private KernelFunction function() {
    if (function == null) {
      throw new IllegalStateException("launch: no kernel; begin with of(function)");
    }
    return function;
  }
}
