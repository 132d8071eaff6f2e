package org.adjoint.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;

/** Addresses as JCuda wants them, and its pointers as addresses. */
final class Handles {
  private static final CUdeviceptr NULL = new CUdeviceptr();

  private Handles() {}

  /** An address on the device, for the driver's functions. */
  static CUdeviceptr device(long address) {
    return NULL.withByteOffset(address);
  }

  /** An address, on the device or on the host; the cheapest kind of pointer to hand to JCuda. */
  static Pointer at(long address) {
    return new Address(address);
  }

  /** Host memory, for a call that is done with it when it returns. */
  static Pointer host(MemorySegment memory) {
    if (memory.isNative()) {
      return at(memory.address());
    }
    Object array = memory.heapBase().orElse(null);
    Pointer start =
        switch (array) {
          case byte[] bytes -> Pointer.to(bytes);
          case char[] chars -> Pointer.to(chars);
          case short[] shorts -> Pointer.to(shorts);
          case int[] ints -> Pointer.to(ints);
          case long[] longs -> Pointer.to(longs);
          case float[] floats -> Pointer.to(floats);
          case double[] doubles -> Pointer.to(doubles);
          case null, default ->
              throw new IllegalArgumentException(
                  "copy: memory that may only be read hides its array");
        };
    return start.withByteOffset(memory.address());
  }

  private static final class Address extends Pointer {
    Address(long address) {
      super(address);
    }
  }

  /** A pointer that tells what CUDA wrote into it. */
  static final class Allocation extends CUdeviceptr {
    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /** The same of page-locked memory. */
  static final class HostAllocation extends Pointer {
    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /** A kernel that tells its handle. */
  static final class FunctionHandle extends CUfunction {
    long address() {
      return getNativePointer();
    }
  }

  /** A stream that tells its handle. */
  static final class StreamHandle extends CUstream {
    long address() {
      return getNativePointer();
    }
  }
}
