package org.adjoint.nn;

import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/** Finds what a layer holds in its fields, so that nobody has to name it twice. */
final class Fields {
  private Fields() {}

  /** Tensors that ask for a gradient. */
  static Map<String, Tensor> parameters(Layer layer) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    visit(
        layer,
        (name, value) -> {
          if (value instanceof Tensor tensor && tensor.requiresGrad()) {
            found.put(name, tensor);
          } else if (value instanceof Layer inner) {
            prefixed(name, inner.parameters(), found);
          }
        });
    return found;
  }

  /** Tensors that do not. */
  static Map<String, Tensor> buffers(Layer layer) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    visit(
        layer,
        (name, value) -> {
          if (value instanceof Tensor tensor && !tensor.requiresGrad()) {
            found.put(name, tensor);
          } else if (value instanceof Layer inner) {
            prefixed(name, inner.buffers(), found);
          }
        });
    return found;
  }

  /** The layers right inside this one. */
  static List<Layer> layers(Layer layer) {
    List<Layer> found = new ArrayList<>();
    visit(
        layer,
        (_, value) -> {
          if (value instanceof Layer inner) {
            found.add(inner);
          }
        });
    return found;
  }

  /** Puts {@code inner} into {@code all}, its names after {@code prefix} and a dot. */
  static void prefixed(String prefix, Map<String, Tensor> inner, Map<String, Tensor> all) {
    inner.forEach((name, tensor) -> all.put(prefix + "." + name, tensor));
  }

  /** Shows each field's value, and each element of lists and arrays, to {@code visitor}. */
  private static void visit(Layer layer, BiConsumer<String, @Nullable Object> visitor) {
    Set<String> names = new HashSet<>();
    for (Field field : declared(layer.getClass())) {
      if (!names.add(field.getName())) {
        throw new IllegalStateException(
            "parameters: " + field + " hides a field of its superclass; rename one of them");
      }
      visit(field.getName(), value(field, layer), visitor);
    }
  }

  private static void visit(
      String name, @Nullable Object value, BiConsumer<String, @Nullable Object> visitor) {
    switch (value) {
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          visit(name + "." + i, list.get(i), visitor);
        }
      }
      case Object[] array -> visit(name, Arrays.asList(array), visitor);
      case null, default -> visitor.accept(name, value);
    }
  }

  /** Instance fields but for transient ones, those of superclasses first. */
  private static List<Field> declared(@Nullable Class<?> type) {
    if (type == null || type == Object.class) {
      return new ArrayList<>();
    }
    List<Field> fields = declared(type.getSuperclass());
    for (Field field : type.getDeclaredFields()) {
      int leftOut = Modifier.STATIC | Modifier.TRANSIENT;
      if ((field.getModifiers() & leftOut) == 0 && !field.isSynthetic()) {
        fields.add(field);
      }
    }
    return fields;
  }

  private static @Nullable Object value(Field field, Object owner) {
    try {
      field.setAccessible(true);
      return field.get(owner);
    } catch (IllegalAccessException | InaccessibleObjectException e) {
      throw new IllegalStateException(
          "parameters: " + field + " cannot be read; open its package to org.adjoint", e);
    }
  }
}
