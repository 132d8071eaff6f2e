package org.adjoint.backend.cuda.driver;

/** A call of CUDA's, cuBLAS's or cuDNN's that did not succeed. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final String code;

  /**
   * One line of all three.
   *
   * @param call the function that failed, as in {@code cuMemAlloc}
   * @param code the library's name of the error, as in {@code CUDA_ERROR_OUT_OF_MEMORY}
   * @param text what the library, or we, have to say of it
   */
  public CudaException(String call, String code, String text) {
    super(call + ": " + code + (text.isEmpty() ? "" : ": " + text));
    this.call = call;
    this.code = code;
  }

  /** The function that failed. */
  public String call() {
    return call;
  }

  /** The library's name of the error. */
  public String code() {
    return code;
  }

  /** Whether there was not enough memory on the device, so that freeing some may help. */
  public boolean isOutOfMemory() {
    return code.equals("CUDA_ERROR_OUT_OF_MEMORY");
  }
}
