package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.HashMap;
import java.util.Map;
import jcuda.cudaDataType;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasOperation;
import org.adjoint.DType;

/**
 * The cuBLAS of CUDA 13, which JCublas's native cannot be linked to: it wants the symbols' version
 * of CUDA 12. The functions have not changed, and so Java calls them itself.
 *
 * <p>Addresses and handles go as longs, which C cannot tell from pointers on x86-64.
 */
@SuppressWarnings("restricted") // to call C is what it is for
final class ForeignBlas implements BlasCalls {
  private final Libraries.Binding binding;
  private final SymbolLookup library;
  private final Map<String, MethodHandle> functions = new HashMap<>();
  private final MemorySegment result = Arena.global().allocate(JAVA_LONG);
  private long handle;

  ForeignBlas(Libraries.Binding binding) {
    this.binding = binding;
    library =
        binding.path() == null
            ? SymbolLookup.libraryLookup(binding.file(), Arena.global())
            : SymbolLookup.libraryLookup(binding.path(), Arena.global());
  }

  /** The C function {@code int name(…)}: of a parameter, I says that it is an int, L a long. */
  private MethodHandle function(String name, String parameters) {
    return functions.computeIfAbsent(name, asked -> link(asked, parameters));
  }

  private MethodHandle link(String name, String parameters) {
    MemoryLayout[] layouts =
        parameters
            .chars()
            .mapToObj(c -> c == 'I' ? JAVA_INT : JAVA_LONG)
            .toArray(MemoryLayout[]::new);
    return Linker.nativeLinker()
        .downcallHandle(
            library.find(name).orElseThrow(() -> absent(name)),
            FunctionDescriptor.of(JAVA_INT, layouts));
  }

  private CudaException absent(String name) {
    return new CudaException(
        name, "no such function", (binding.path() == null ? binding.file() : binding.path()) + "");
  }

  @Override
  public int create() {
    int status;
    try {
      status = (int) function("cublasCreate_v2", "L").invokeExact(result.address());
    } catch (Throwable e) {
      throw passed(e);
    }
    handle = result.get(JAVA_LONG, 0);
    return status;
  }

  @Override
  public int destroy() {
    try {
      return (int) function("cublasDestroy_v2", "L").invokeExact(handle);
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  @Override
  public int version(int[] version) {
    int status;
    try {
      status = (int) function("cublasGetVersion_v2", "LL").invokeExact(handle, result.address());
    } catch (Throwable e) {
      throw passed(e);
    }
    version[0] = result.get(JAVA_INT, 0);
    return status;
  }

  @Override
  public int stream(Handles.StreamHandle stream) {
    try {
      return (int) function("cublasSetStream_v2", "LL").invokeExact(handle, stream.address());
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  @Override
  public int mathMode(int mode) {
    try {
      return (int) function("cublasSetMathMode", "LI").invokeExact(handle, mode);
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  @Override
  public int workspace(long address, long bytes) {
    try {
      return (int) function("cublasSetWorkspace_v2", "LLL").invokeExact(handle, address, bytes);
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  @Override
  public int gemm(Product p, Scalars scalars) {
    try {
      return switch (p.type()) {
        case F32, F64 -> p.batch() == 1 ? one(p, scalars) : many(p, scalars);
        default -> half(p, scalars);
      };
    } catch (Throwable e) {
      throw passed(e);
    }
  }

  private int one(Product p, Scalars scalars) throws Throwable {
    return (int)
        function(p.function() + "_v2", "LIIIIILLILILLI")
            .invokeExact(
                handle,
                operation(p.a()),
                operation(p.b()),
                p.m(),
                p.n(),
                p.k(),
                scalars.alphaAddress(),
                p.a().address(),
                p.a().lead(),
                p.b().address(),
                p.b().lead(),
                scalars.betaAddress(),
                p.c().address(),
                p.c().lead());
  }

  private int many(Product p, Scalars scalars) throws Throwable {
    return (int)
        function(p.function(), "LIIIIILLILLILLLILI")
            .invokeExact(
                handle,
                operation(p.a()),
                operation(p.b()),
                p.m(),
                p.n(),
                p.k(),
                scalars.alphaAddress(),
                p.a().address(),
                p.a().lead(),
                p.a().stride(),
                p.b().address(),
                p.b().lead(),
                p.b().stride(),
                scalars.betaAddress(),
                p.c().address(),
                p.c().lead(),
                p.c().stride(),
                p.batch());
  }

  private int half(Product p, Scalars scalars) throws Throwable {
    int type = p.type() == DType.BF16 ? cudaDataType.CUDA_R_16BF : cudaDataType.CUDA_R_16F;
    return (int)
        function(p.function(), "LIIIIILLIILLIILLLIILIII")
            .invokeExact(
                handle,
                operation(p.a()),
                operation(p.b()),
                p.m(),
                p.n(),
                p.k(),
                scalars.alphaAddress(),
                p.a().address(),
                type,
                p.a().lead(),
                p.a().stride(),
                p.b().address(),
                type,
                p.b().lead(),
                p.b().stride(),
                scalars.betaAddress(),
                p.c().address(),
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

  /** What a method handle declares to throw anything throws in truth. */
  private static RuntimeException passed(Throwable e) {
    if (e instanceof RuntimeException own) {
      return own;
    }
    if (e instanceof Error error) {
      throw error;
    }
    throw new AssertionError(e);
  }
}
