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
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/** Finds a layer's parameters in its fields, so that nobody has to name them twice. */
final class Fields {
  private Fields() {}

  static Map<String, Tensor> parameters(Layer layer) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (Field field : declared(layer.getClass())) {
      if (!names.add(field.getName())) {
        throw new IllegalStateException(
            "parameters: " + field + " hides a field of its superclass; rename one of them");
      }
      collect(field.getName(), value(field, layer), found);
    }
    return found;
  }

  private static void collect(String name, @Nullable Object value, Map<String, Tensor> found) {
    switch (value) {
      case Tensor tensor when tensor.requiresGrad() -> found.put(name, tensor);
      case Layer layer ->
          layer.parameters().forEach((inner, tensor) -> found.put(name + "." + inner, tensor));
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          collect(name + "." + i, list.get(i), found);
        }
      }
      case Object[] array -> collect(name, Arrays.asList(array), found);
      case null, default -> {}
    }
  }

  /** Instance fields, those of superclasses first. */
  private static List<Field> declared(@Nullable Class<?> type) {
    if (type == null || type == Object.class) {
      return new ArrayList<>();
    }
    List<Field> fields = declared(type.getSuperclass());
    for (Field field : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
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
