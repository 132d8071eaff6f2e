package org.adjoint.backend.cuda.driver;

/**
 * One launch after the other, through one buffer: arguments are packed as C lays them out, and CUDA
 * copies them before the call returns.
 *
 * <pre>
 * launch.of(softmax).address(x).address(y).int64(rows).int32(columns)
 *     .grid(rows).block(256).shared(1024).on(stream);
 * </pre>
 *
 * <p>Arguments go in the order of the kernel's parameters, and each by the method of its C type;
 * the driver cannot tell if one is wrong or missing. One thread uses it at a time.
 */
public final class Launch {
  /** Begins a launch of {@code function}: no arguments, one block of one thread. */
  public Launch of(KernelFunction function) {
    throw new UnsupportedOperationException();
  }

  /** A pointer to device memory. */
  public Launch address(long value) {
    throw new UnsupportedOperationException();
  }

  /** An {@code int} or {@code unsigned}, or a {@code bool} of a struct of ints. */
  public Launch int32(int value) {
    throw new UnsupportedOperationException();
  }

  /** A {@code long long} or {@code size_t}. */
  public Launch int64(long value) {
    throw new UnsupportedOperationException();
  }

  /** A {@code float}. */
  public Launch float32(float value) {
    throw new UnsupportedOperationException();
  }

  /** A {@code double}. */
  public Launch float64(double value) {
    throw new UnsupportedOperationException();
  }

  /**
   * A struct by value: what follows, up to {@link #end}, are its members, each at a multiple of its
   * own size.
   */
  public Launch struct() {
    throw new UnsupportedOperationException();
  }

  /** The end of a struct, padded to a multiple of its largest member. */
  public Launch end() {
    throw new UnsupportedOperationException();
  }

  /** An array {@code long long name[length]} within a struct; what {@code values} lacks is 0. */
  public Launch int64s(long[] values, int length) {
    throw new UnsupportedOperationException();
  }

  /** An array {@code int name[length]} within a struct; what {@code values} lacks is 0. */
  public Launch int32s(int[] values, int length) {
    throw new UnsupportedOperationException();
  }

  /** Blocks along x. */
  public Launch grid(long x) {
    return grid(x, 1, 1);
  }

  /** Blocks along each axis: x up to 2³¹ − 1, y and z up to 65,535. */
  public Launch grid(long x, long y, long z) {
    throw new UnsupportedOperationException();
  }

  /** Threads of a block along x. */
  public Launch block(int x) {
    return block(x, 1, 1);
  }

  /** Threads of a block along each axis. */
  public Launch block(int x, int y, int z) {
    throw new UnsupportedOperationException();
  }

  /** Bytes of dynamic shared memory; above 48 KiB the kernel's opt-in is made. */
  public Launch shared(long bytes) {
    throw new UnsupportedOperationException();
  }

  /** Queues the launch. */
  public void on(Stream stream) {
    throw new UnsupportedOperationException();
  }

  /** Queues the launch, all of whose blocks must be in flight at once, to wait for each other. */
  public void togetherOn(Stream stream) {
    throw new UnsupportedOperationException();
  }
}
