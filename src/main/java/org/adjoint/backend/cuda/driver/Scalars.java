package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import org.adjoint.DType;

/**
 * The factors α and β of result = α · product + β · result, which cuBLAS and cuDNN read from host
 * memory: as doubles for F64, else as floats.
 */
final class Scalars {
  private final MemorySegment memory = Arena.global().allocate(2 * JAVA_DOUBLE.byteSize());
  private final Pointer alpha = Handles.at(alphaAddress());
  private final Pointer beta = Handles.at(betaAddress());

  void set(DType type, double alpha, double beta) {
    if (type == DType.F64) {
      memory.set(JAVA_DOUBLE, 0, alpha);
      memory.set(JAVA_DOUBLE, 8, beta);
    } else {
      memory.set(JAVA_FLOAT, 0, (float) alpha);
      memory.set(JAVA_FLOAT, 8, (float) beta);
    }
  }

  Pointer alpha() {
    return alpha;
  }

  Pointer beta() {
    return beta;
  }

  long alphaAddress() {
    return memory.address();
  }

  long betaAddress() {
    return memory.address() + 8;
  }
}
