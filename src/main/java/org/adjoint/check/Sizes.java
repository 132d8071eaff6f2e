package org.adjoint.check;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adjoint.Shape;
import org.adjoint.autograd.Op;

/**
 * The sizes among the parameters of an operation: those of a {@link Shape}, of a {@code
 * List<Long>}, and each {@code long}, also in records within. A size of an {@code int} is a
 * window's, a step's or an axis's number, and stays.
 */
final class Sizes {
  private Sizes() {}

  /** All that are above 1. */
  static List<Long> of(Op op) {
    List<Long> sizes = new ArrayList<>();
    collect(op, sizes);
    return sizes;
  }

  private static void collect(Object value, List<Long> sizes) {
    switch (value) {
      case Shape shape -> Arrays.stream(shape.toArray()).forEach(n -> collect(n, sizes));
      case Long n when n > 1 -> sizes.add(n);
      case List<?> list -> list.forEach(element -> collect(element, sizes));
      case Record of -> {
        for (RecordComponent component : of.getClass().getRecordComponents()) {
          collect(value(of, component), sizes);
        }
      }
      default -> {}
    }
  }

  /** The shape with other sizes in the places of some. */
  static Shape replaced(Shape shape, Map<Long, Long> change) {
    return Shape.of(Arrays.stream(shape.toArray()).map(n -> change.getOrDefault(n, n)).toArray());
  }

  /**
   * The operation with other sizes in the places of those above 1; itself, if it has none, or does
   * not take them.
   */
  static Op replaced(Op op, Map<Long, Long> change) {
    try {
      return (Op) changed(op, change);
    } catch (IllegalArgumentException e) {
      return op;
    }
  }

  private static Object changed(Object value, Map<Long, Long> change) {
    return switch (value) {
      case Shape shape -> replaced(shape, change);
      case Long n when n > 1 -> change.getOrDefault(n, n);
      case List<?> list -> list.stream().map(element -> changed(element, change)).toList();
      case Record of when of.getClass().getRecordComponents().length > 0 -> rebuilt(of, change);
      default -> value;
    };
  }

  private static Object rebuilt(Record of, Map<Long, Long> change) {
    RecordComponent[] components = of.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] = changed(value(of, components[i]), change);
      types[i] = components[i].getType();
    }
    try {
      Constructor<?> constructor = of.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (java.lang.reflect.InvocationTargetException e) {
      throw new IllegalArgumentException(of + " does not take other sizes", e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a record without its constructor: " + of.getClass(), e);
    }
  }

  private static Object value(Record of, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a record without its accessor: " + of.getClass(), e);
    }
  }
}
