package org.adjoint.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/** A stream, the kernels of probe.cu, and numbers for them. */
final class Probe {
  final Context context = Context.of(0);
  final Stream stream = new Stream(context);
  private final KernelModule module;
  private final Launch launch = new Launch();

  Probe(byte[] image) {
    module = new KernelModule(context, "probe", image);
  }

  KernelFunction function(String entry) {
    return module.function(entry);
  }

  Launch launch(String entry) {
    return launch.of(module.function(entry));
  }

  /** y += a · x, of as many elements as a block has threads at most. */
  void saxpy(float a, long x, long y, int n) {
    launch("saxpy_f32").int64(n).float32(a).address(x).address(y).block(128).on(stream);
  }

  static void elsewhere(Runnable work) {
    join(Thread.ofPlatform().start(work));
  }

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  long upload(float[] values) {
    long address = context.allocate(values.length * 4L);
    stream.uploadNow(MemorySegment.ofArray(values), address);
    return address;
  }

  float[] floats(long address, int count) {
    float[] values = new float[count];
    stream.downloadNow(address, MemorySegment.ofArray(values));
    return values;
  }

  int[] ints(long address, int count) {
    int[] values = new int[count];
    stream.downloadNow(address, MemorySegment.ofArray(values));
    return values;
  }

  static float[] ramp(int count) {
    float[] values = new float[count];
    IntStream.range(0, count).forEach(i -> values[i] = i);
    return values;
  }

  static float[] times(float[] values, float factor) {
    float[] products = Arrays.copyOf(values, values.length);
    IntStream.range(0, values.length).forEach(i -> products[i] *= factor);
    return products;
  }
}
