package org.adjoint.bench.kernels;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Shape;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.cuda.Live;

/** The parameters of an operation as what JSON knows, for processes that are not ours. */
final class Parameters {
  /** Under this key a record says what it is: an operation by its name, others by their class. */
  static final String KIND = "kind";

  private Parameters() {}

  /** Its name and the components of its record, by their names. */
  static Map<String, Object> of(Kernel kernel) {
    Map<String, Object> parameters = components(kernel);
    parameters.put(KIND, kernel.name());
    return parameters;
  }

  private static Map<String, Object> components(Object value) {
    Map<String, Object> components = new LinkedHashMap<>();
    components.put(KIND, value.getClass().getSimpleName());
    RecordComponent[] all = value.getClass().getRecordComponents();
    for (RecordComponent component : all == null ? new RecordComponent[0] : all) {
      components.put(component.getName(), json(get(value, component)));
    }
    return components;
  }

  /** One component of a record, whoever may see it. */
  static Object component(Record of, String name) {
    return Arrays.stream(of.getClass().getRecordComponents())
        .filter(component -> component.getName().equals(name))
        .map(component -> get(of, component))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("no " + name + " in " + of));
  }

  private static Object get(Object value, RecordComponent component) {
    try {
      // Some records are their package's alone.
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no " + component.getName() + " in " + value, e);
    }
  }

  private static Object json(Object value) {
    return switch (value) {
      case Kernel kernel -> of(kernel);
      case Shape shape -> shape.toArray();
      case Live live -> live.value();
      case List<?> list -> list.stream().map(Parameters::json).toList();
      case Enum<?> constant -> constant.name();
      case Record part -> components(part);
      // Python takes these words for numbers, JSON does not know the numbers.
      case Double number when !Double.isFinite(number) -> number.toString();
      case Number number -> number;
      case Boolean truth -> truth;
      default -> value.toString();
    };
  }
}
