package org.adjoint.backend.cuda.driver;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Turns what a call of the driver's returns into an exception, unless it is success. */
final class Status {
  private Status() {}

  static void check(String call, int status) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(call, status);
    }
  }

  /** The same; {@code object} says what the call was about. */
  static void check(String call, String object, int status) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(call + "(" + object + ")", status);
    }
  }

  private static CudaException failure(String call, int status) {
    String[] name = new String[1];
    String[] text = new String[1];
    // A driver newer than JCuda knows codes that CUresult does not, so the driver is asked.
    if (JCudaDriver.cuGetErrorName(status, name) != 0 || name[0] == null) {
      name[0] = "CUresult " + status;
    }
    if (JCudaDriver.cuGetErrorString(status, text) != 0 || text[0] == null) {
      text[0] = "";
    }
    return new CudaException(call, name[0], text[0]);
  }
}
