package org.adjoint.backend.cuda.driver;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnStatus;
import jcuda.runtime.cudaStream_t;

/** cuDNN, for its convolutions. */
public final class Dnn implements AutoCloseable {
  private final Stream stream;
  private final cudnnHandle handle = new cudnnHandle();

  /**
   * cuDNN for work on {@code stream}.
   *
   * @throws UnsupportedOperationException if cuDNN is not found
   */
  public Dnn(Stream stream) {
    this.stream = stream;
    // Parts of cuDNN want cuBLAS, and find it once it is loaded.
    Libraries.Binding _ = Libraries.bind(Library.BLAS);
    Libraries.Binding binding = Libraries.bind(Library.DNN);
    if (!binding.isBound()) {
      throw new UnsupportedOperationException("cuDNN is not available: " + binding.problem());
    }
    stream.context().makeCurrent();
    check("cudnnCreate", JCudnn.cudnnCreate(handle));
    check("cudnnSetStream", JCudnn.cudnnSetStream(handle, new cudaStream_t(stream.handle())));
  }

  /** As in {@code 9.24.0}. */
  public static String version() {
    long version = JCudnn.cudnnGetVersion();
    return "%d.%d.%d".formatted(version / 10000, version / 100 % 100, version % 100);
  }

  /** The handle, with its context current. */
  cudnnHandle handle() {
    stream.context().makeCurrent();
    return handle;
  }

  static void check(String call, int status) {
    if (status != cudnnStatus.CUDNN_STATUS_SUCCESS) {
      // cuDNN 9 numbers its errors anew, so it is asked instead of JCudnn.
      throw new CudaException(call, JCudnn.cudnnGetErrorString(status), "");
    }
  }

  @Override
  public void close() {
    check("cudnnDestroy", JCudnn.cudnnDestroy(handle()));
  }
}
