package org.adjoint.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;

/** Every {@link Simd} and {@link SimdMath} that this machine can run, side by side in one JVM. */
final class Simds {
  private static final List<Simd> ALL = find(new ScalarSimd(), VectorSimd.class);
  private static final List<SimdMath> MATH = find(new ScalarMath(), VectorMath.class);

  private Simds() {}

  /** The scalar one first. */
  static List<Simd> all() {
    return ALL;
  }

  /** The scalar one first. */
  static List<SimdMath> math() {
    return MATH;
  }

  private static synchronized <T> List<T> find(T scalar, Class<? extends T> vector) {
    List<T> all = new ArrayList<>(List.of(scalar));
    Simd.best(); // is chosen before the property changes
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return all;
    }
    String before = System.getProperty("adjoint.simd");
    try {
      for (String width : List.of("128", "256", "512")) {
        System.setProperty("adjoint.simd", width);
        try {
          all.add(copy(vector));
        } catch (ExceptionInInitializerError e) {
          if (!(e.getCause() instanceof IllegalStateException)) { // else: wider than this machine
            throw e;
          }
        }
      }
    } finally {
      if (before == null) {
        System.clearProperty("adjoint.simd");
      } else {
        System.setProperty("adjoint.simd", before);
      }
    }
    return all;
  }

  /** A class of its own made from the bytes of one, since its species is a static constant. */
  private static <T> T copy(Class<T> type) {
    try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      Class<?> copy =
          MethodHandles.lookup().defineHiddenClass(in.readAllBytes(), true).lookupClass();
      @SuppressWarnings("unchecked") // it implements what the original does
      T made = (T) copy.getDeclaredConstructor().newInstance();
      return made;
    } catch (IOException | ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
