package org.adjoint.backend.cuda.driver;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** A kernel of a module, ready to be launched by {@link Launch}. */
public final class KernelFunction {
  /** Bytes of shared memory that every block may have. */
  private static final int WITHOUT_ASKING = 48 << 10;

  private final KernelModule module;
  private final String name;
  private final Handles.FunctionHandle handle;

  private final int maxThreads;
  private final int staticShared;
  private final int registers;
  private final int local;
  private final @Nullable Parameters parameters;
  private int allowed;

  KernelFunction(KernelModule module, String name, Handles.FunctionHandle handle) {
    this.module = module;
    this.name = name;
    this.handle = handle;
    maxThreads = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    staticShared = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
    registers = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
    allowed = Math.max(0, WITHOUT_ASKING - staticShared);
    local = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
    parameters = Parameters.of(handle.address());
  }

  CUfunction handle() {
    return handle;
  }

  /** Compares the arguments of a launch with what is known of the kernel's parameters. */
  void require(Arguments arguments) {
    if (parameters != null) {
      parameters.require(name, arguments);
    }
  }

  /** The module that it is in. */
  public KernelModule module() {
    return module;
  }

  /** Its entry's name. */
  public String name() {
    return name;
  }

  /** Threads that a block of it may have at most. */
  public int maxThreads() {
    return maxThreads;
  }

  /** Bytes of shared memory that the source asks for, beside what a launch adds. */
  public int staticShared() {
    return staticShared;
  }

  /** Registers of a thread. */
  public int registers() {
    return registers;
  }

  /** Bytes of a thread's own memory: arrays that are indexed, and registers that were spilled. */
  public int local() {
    return local;
  }

  /** An attribute by its number in {@code CUfunction_attribute}. */
  public int attribute(int number) {
    module.context().makeCurrent();
    int[] value = new int[1];
    Status.check("cuFuncGetAttribute", JCudaDriver.cuFuncGetAttribute(value, number, handle));
    return value[0];
  }

  /**
   * Lets launches have {@code shared} bytes of dynamic shared memory. A kernel must ask for what
   * goes beyond 48 KiB; that costs a call, so the most that was asked for is remembered.
   *
   * @throws IllegalArgumentException if a block cannot have as much
   */
  void allowShared(long shared) {
    if (shared <= allowed) {
      return;
    }
    int most = module.context().sharedPerBlock() - staticShared;
    if (shared > most) {
      throw new IllegalArgumentException(
          "launch of %s: %,d bytes of dynamic shared memory, but a block may have %,d%s"
              .formatted(
                  name, shared, most, staticShared == 0 ? "" : " beside its own " + staticShared));
    }
    module.context().makeCurrent();
    Status.check(
        "cuFuncSetAttribute",
        name,
        JCudaDriver.cuFuncSetAttribute(
            handle,
            CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
            (int) shared));
    allowed = (int) shared;
  }

  /**
   * Blocks of {@code threads} threads and {@code shared} dynamic bytes that a multiprocessor holds.
   */
  public int blocksPerMultiprocessor(int threads, long shared) {
    allowShared(shared);
    module.context().makeCurrent();
    int[] blocks = new int[1];
    Status.check(
        "cuOccupancyMaxActiveBlocksPerMultiprocessor",
        name,
        JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, handle, threads, shared));
    return blocks[0];
  }

  @Override
  public String toString() {
    return name;
  }
}
