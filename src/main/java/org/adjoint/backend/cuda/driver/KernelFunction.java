package org.adjoint.backend.cuda.driver;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** A kernel of a module, ready to be launched by {@link Launch}. */
public final class KernelFunction {
  private final KernelModule module;
  private final String name;
  private final CUfunction handle;

  private final int maxThreads;
  private final int staticShared;
  private final int registers;
  private final int local;

  KernelFunction(KernelModule module, String name, CUfunction handle) {
    this.module = module;
    this.name = name;
    this.handle = handle;
    maxThreads = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    staticShared = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
    registers = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS);
    local = attribute(CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
  }

  CUfunction handle() {
    return handle;
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

  /** Lets a launch have {@code shared} bytes of dynamic shared memory. */
  void allowShared(int shared) {
    throw new UnsupportedOperationException();
  }

  /** Blocks that fit on one multiprocessor at a time. */
  public int blocksPerMultiprocessor(int threads, int shared) {
    throw new UnsupportedOperationException();
  }
}
