package org.adjoint.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.adjoint.DType;

/** Small integers, which every type holds exactly, to the device and back. */
final class Numbers {
  private final Context context;
  private final Stream stream;
  private final Random random = new Random(7);

  Numbers(Stream stream) {
    this.context = stream.context();
    this.stream = stream;
  }

  double[] draw(int count) {
    return random.ints(count, -2, 3).asDoubleStream().toArray();
  }

  /** The values in fresh device memory. */
  long upload(DType type, double[] values) {
    long address = context.allocate((long) values.length * type.bytes());
    Object array = array(type, values.length);
    for (int i = 0; i < values.length; i++) {
      switch (array) {
        case double[] doubles -> doubles[i] = values[i];
        case float[] floats -> floats[i] = (float) values[i];
        case short[] halves -> halves[i] = half(type, (float) values[i]);
        default -> throw new AssertionError();
      }
    }
    stream.uploadNow(segment(array), address);
    return address;
  }

  /** The values at {@code address}, whose memory is given back. */
  double[] download(DType type, long address, int count) {
    Object array = array(type, count);
    stream.downloadNow(address, segment(array));
    context.free(address);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (array) {
            case double[] doubles -> doubles[i];
            case float[] floats -> floats[i];
            case short[] halves -> wide(type, halves[i]);
            default -> throw new AssertionError();
          };
    }
    return values;
  }

  private static Object array(DType type, int count) {
    return switch (type) {
      case F64 -> new double[count];
      case F32 -> new float[count];
      default -> new short[count];
    };
  }

  private static MemorySegment segment(Object array) {
    return switch (array) {
      case double[] doubles -> MemorySegment.ofArray(doubles);
      case float[] floats -> MemorySegment.ofArray(floats);
      case short[] halves -> MemorySegment.ofArray(halves);
      default -> throw new AssertionError();
    };
  }

  private static short half(DType type, float value) {
    return type == DType.F16
        ? Float.floatToFloat16(value)
        : (short) (Float.floatToRawIntBits(value) >> 16);
  }

  private static float wide(DType type, short bits) {
    return type == DType.F16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
  }
}
