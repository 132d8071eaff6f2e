package org.adjoint.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.adjoint.DType;
import org.adjoint.backend.cuda.driver.Blas.Matrix;

/** Products of small integers, which every type holds exactly, against plain loops. */
final class BlasSession {
  private final Context context;
  private final Stream stream;
  private final Blas blas;
  private final Random random = new Random(7);

  private BlasSession(Stream stream) {
    context = stream.context();
    this.stream = stream;
    blas = new Blas(stream);
  }

  /** Prints a line for each type, and what is said of a function that is not there. */
  static void run(Stream stream) {
    BlasSession session = new BlasSession(stream);
    System.out.println(session.blas.version());
    session.products(DType.F32, DType.F64, DType.BF16);
    session.blas.allowTf32(true);
    try {
      session.blas.workspace(4096, 1 << 20);
      System.out.println("workspace set");
    } catch (CudaException e) {
      System.out.println(e.getMessage());
    }
    session.blas.close();
  }

  private void products(DType... types) {
    for (DType type : types) {
      int wrong = 0;
      int tried = 0;
      for (int batch : new int[] {1, 3}) {
        for (int which = 0; which < 8; which++) {
          tried++;
          wrong +=
              isRight(type, (which & 1) != 0, (which & 2) != 0, (which & 4) != 0, batch) ? 0 : 1;
        }
      }
      System.out.println(type + ": " + wrong + " of " + tried + " wrong");
    }
  }

  /** One product of [m, k] by [k, n], rows apart from each other, with or without adding to c. */
  private boolean isRight(DType type, boolean ta, boolean tb, boolean adds, int batch) {
    int m = 3;
    int n = 5;
    int k = 4;
    int lead = 7;
    int stride = 64;
    double[] a = integers(batch * stride);
    double[] b = integers(batch * stride);
    double[] c = integers(batch * stride);
    double[] expected = c.clone();
    for (int t = 0; t < batch; t++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int l = 0; l < k; l++) {
            double x = a[t * stride + (ta ? l * lead + i : i * lead + l)];
            sum += x * b[tb ? j * lead + l : l * lead + j]; // one b for all of the batch
          }
          int at = t * stride + i * lead + j;
          expected[at] = 2 * sum + (adds ? 3 * c[at] : 0);
        }
      }
    }
    long da = upload(type, a);
    long db = upload(type, b);
    long dc = upload(type, c);
    blas.gemm(
        type,
        m,
        n,
        k,
        2,
        new Matrix(da, lead, stride, ta),
        new Matrix(db, lead, 0, tb),
        adds ? 3 : 0,
        new Matrix(dc, lead, stride, false),
        batch);
    boolean right = java.util.Arrays.equals(expected, download(type, dc, c.length));
    context.free(da);
    context.free(db);
    context.free(dc);
    return right;
  }

  private double[] integers(int count) {
    return random.ints(count, -3, 4).asDoubleStream().toArray();
  }

  private long upload(DType type, double[] values) {
    long address = context.allocate((long) values.length * type.bytes());
    MemorySegment bytes =
        switch (type) {
          case F64 -> MemorySegment.ofArray(values);
          case F32 -> {
            float[] floats = new float[values.length];
            for (int i = 0; i < values.length; i++) {
              floats[i] = (float) values[i];
            }
            yield MemorySegment.ofArray(floats);
          }
          default -> {
            short[] halves = new short[values.length];
            for (int i = 0; i < values.length; i++) {
              halves[i] = (short) (Float.floatToRawIntBits((float) values[i]) >> 16);
            }
            yield MemorySegment.ofArray(halves);
          }
        };
    stream.uploadNow(bytes, address);
    return address;
  }

  private double[] download(DType type, long address, int count) {
    double[] values = new double[count];
    switch (type) {
      case F64 -> stream.downloadNow(address, MemorySegment.ofArray(values));
      case F32 -> {
        float[] floats = new float[count];
        stream.downloadNow(address, MemorySegment.ofArray(floats));
        for (int i = 0; i < count; i++) {
          values[i] = floats[i];
        }
      }
      default -> {
        short[] halves = new short[count];
        stream.downloadNow(address, MemorySegment.ofArray(halves));
        for (int i = 0; i < count; i++) {
          values[i] = Float.intBitsToFloat(halves[i] << 16);
        }
      }
    }
    return values;
  }
}
