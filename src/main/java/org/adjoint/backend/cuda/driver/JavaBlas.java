package org.adjoint.backend.cuda.driver;

import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;
import org.adjoint.DType;

/** The cuBLAS of CUDA 12 by JCublas2: the main road. */
final class JavaBlas implements BlasCalls {
  private final cublasHandle handle = new cublasHandle();

  @Override
  public int create() {
    return JCublas2.cublasCreate(handle);
  }

  @Override
  public int destroy() {
    return JCublas2.cublasDestroy(handle);
  }

  @Override
  public int version(int[] version) {
    return JCublas2.cublasGetVersion(handle, version);
  }

  @Override
  public int stream(Handles.StreamHandle stream) {
    return JCublas2.cublasSetStream(handle, new cudaStream_t(stream));
  }

  @Override
  public int mathMode(int mode) {
    return JCublas2.cublasSetMathMode(handle, mode);
  }

  @Override
  public int workspace(long address, long bytes) {
    return JCublas2.cublasSetWorkspace(handle, Handles.at(address), bytes);
  }

  @Override
  public int gemm(Product p, Scalars scalars) {
    return switch (p.type()) {
      case F32 -> p.batch() == 1 ? sgemm(p, scalars) : sgemms(p, scalars);
      case F64 -> p.batch() == 1 ? dgemm(p, scalars) : dgemms(p, scalars);
      default -> halfGemms(p, scalars);
    };
  }

  private int sgemm(Product p, Scalars scalars) {
    return JCublas2.cublasSgemm(
        handle,
        operation(p.a()),
        operation(p.b()),
        p.m(),
        p.n(),
        p.k(),
        scalars.alpha(),
        start(p.a()),
        p.a().lead(),
        start(p.b()),
        p.b().lead(),
        scalars.beta(),
        start(p.c()),
        p.c().lead());
  }

  private int dgemm(Product p, Scalars scalars) {
    return JCublas2.cublasDgemm(
        handle,
        operation(p.a()),
        operation(p.b()),
        p.m(),
        p.n(),
        p.k(),
        scalars.alpha(),
        start(p.a()),
        p.a().lead(),
        start(p.b()),
        p.b().lead(),
        scalars.beta(),
        start(p.c()),
        p.c().lead());
  }

  private int sgemms(Product p, Scalars scalars) {
    return JCublas2.cublasSgemmStridedBatched(
        handle,
        operation(p.a()),
        operation(p.b()),
        p.m(),
        p.n(),
        p.k(),
        scalars.alpha(),
        start(p.a()),
        p.a().lead(),
        p.a().stride(),
        start(p.b()),
        p.b().lead(),
        p.b().stride(),
        scalars.beta(),
        start(p.c()),
        p.c().lead(),
        p.c().stride(),
        p.batch());
  }

  private int dgemms(Product p, Scalars scalars) {
    return JCublas2.cublasDgemmStridedBatched(
        handle,
        operation(p.a()),
        operation(p.b()),
        p.m(),
        p.n(),
        p.k(),
        scalars.alpha(),
        start(p.a()),
        p.a().lead(),
        p.a().stride(),
        start(p.b()),
        p.b().lead(),
        p.b().stride(),
        scalars.beta(),
        start(p.c()),
        p.c().lead(),
        p.c().stride(),
        p.batch());
  }

  /** The other entry of this name takes a data type for a compute type, and asks the math mode. */
  private int halfGemms(Product p, Scalars scalars) {
    int type = p.type() == DType.BF16 ? cudaDataType.CUDA_R_16BF : cudaDataType.CUDA_R_16F;
    return JCublas2.cublasGemmStridedBatchedEx_new(
        handle,
        operation(p.a()),
        operation(p.b()),
        p.m(),
        p.n(),
        p.k(),
        scalars.alpha(),
        start(p.a()),
        type,
        p.a().lead(),
        p.a().stride(),
        start(p.b()),
        type,
        p.b().lead(),
        p.b().stride(),
        scalars.beta(),
        start(p.c()),
        type,
        p.c().lead(),
        p.c().stride(),
        p.batch(),
        cublasComputeType.CUBLAS_COMPUTE_32F,
        cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
  }

  private static int operation(Columns matrix) {
    return matrix.transposed() ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static Pointer start(Columns matrix) {
    return Handles.at(matrix.address());
  }
}
