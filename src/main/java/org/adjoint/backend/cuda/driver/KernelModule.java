package org.adjoint.backend.cuda.driver;

import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** Compiled kernels on a device: one family's fatbin, cubin or PTX. */
public final class KernelModule implements AutoCloseable {
  private final Context context;
  private final String name;
  private final CUmodule handle = new CUmodule();
  private final Map<String, KernelFunction> functions = new HashMap<>();

  /**
   * Loads {@code image}.
   *
   * @param name what to call it in messages
   * @throws CudaException if the driver cannot run the image, say because it is older than the
   *     compiler
   */
  public KernelModule(Context context, String name, byte[] image) {
    this.context = context;
    this.name = name;
    context.makeCurrent();
    Status.check("cuModuleLoadData", name, JCudaDriver.cuModuleLoadData(handle, image));
  }

  /** The context that it was loaded into. */
  public Context context() {
    return context;
  }

  /** What it is called in messages. */
  public String name() {
    return name;
  }

  /**
   * The kernel that is {@code extern "C"} under the name {@code entry}; the same object each time.
   */
  public KernelFunction function(String entry) {
    return functions.computeIfAbsent(
        entry,
        kernel -> {
          context.makeCurrent();
          Handles.FunctionHandle function = new Handles.FunctionHandle();
          Status.check(
              "cuModuleGetFunction",
              kernel + " of " + name,
              JCudaDriver.cuModuleGetFunction(function, handle, kernel));
          return new KernelFunction(this, kernel, function);
        });
  }

  /** Unloads it; no kernel of it may be in flight. */
  @Override
  public void close() {
    context.makeCurrent();
    Status.check("cuModuleUnload", JCudaDriver.cuModuleUnload(handle));
  }
}
