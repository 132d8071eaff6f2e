package org.adjoint.backend.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Every {@link Simd}, and what is made like it, that this machine can run: all in one JVM. */
final class Simds {
  private static final List<Simd> ALL = find(new ScalarSimd(), VectorSimd.class);
  private static final List<SimdMath> MATH = find(new ScalarMath(), VectorMath.class);
  private static final List<RowMath> ROWS = find(new ScalarRows(), VectorRows.class);
  private static final List<NormMath> NORMS = find(new ScalarNorms(), VectorNorms.class);
  private static final List<ChannelMath> CHANNELS =
      find(new ScalarChannels(), VectorChannels.class);
  private static final List<StepMath> STEPS = find(new ScalarSteps(), VectorSteps.class);

  private Simds() {}

  /** The scalar one first. */
  static List<Simd> all() {
    return ALL;
  }

  /** The scalar one first. */
  static List<SimdMath> math() {
    return MATH;
  }

  /** The scalar one first. */
  static List<RowMath> rows() {
    return ROWS;
  }

  /** The scalar one first. */
  static List<NormMath> norms() {
    return NORMS;
  }

  /** The scalar one first. */
  static List<ChannelMath> channels() {
    return CHANNELS;
  }

  /** The scalar one first. */
  static List<StepMath> steps() {
    return STEPS;
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

  /** An object of a class of its own, since the width of a class's vectors is a static constant. */
  private static <T> T copy(Class<T> type) {
    try {
      Class<?> copy = new Copies().loadClass(type.getName());
      @SuppressWarnings("unchecked") // it implements what the original does
      T made = (T) copy.getDeclaredConstructor().newInstance();
      return made;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** Classes of its own for all that is by vectors, and for the scalar ones beside them. */
  private static final class Copies extends ClassLoader {
    private static final String PACKAGE = Simds.class.getPackageName() + ".";

    Copies() {
      super(Simds.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      boolean own = name.startsWith(PACKAGE + "Vector") || name.startsWith(PACKAGE + "Scalar");
      Class<?> known = own ? findLoadedClass(name) : null;
      return known != null ? known : own ? define(name) : super.loadClass(name, resolve);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = Objects.requireNonNull(getParent().getResourceAsStream(file), file)) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
