package org.adjoint.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;

/** Every {@link Simd} that this machine can run, side by side in one JVM. */
final class Simds {
  private static final List<Simd> ALL = find();

  private Simds() {}

  /** The scalar one first. */
  static List<Simd> all() {
    return ALL;
  }

  private static synchronized List<Simd> find() {
    List<Simd> all = new ArrayList<>(List.of(new ScalarSimd()));
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return all;
    }
    String before = System.getProperty("adjoint.simd");
    try {
      for (String width : List.of("128", "256", "512")) {
        System.setProperty("adjoint.simd", width);
        try {
          all.add(copy());
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

  /** A class of its own made from VectorSimd's bytes, since its species is a static constant. */
  private static Simd copy() {
    try (InputStream in = VectorSimd.class.getResourceAsStream("VectorSimd.class")) {
      Class<?> copy =
          MethodHandles.lookup().defineHiddenClass(in.readAllBytes(), true).lookupClass();
      return (Simd) copy.getDeclaredConstructor().newInstance();
    } catch (IOException | ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
