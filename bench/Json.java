package org.adjoint.bench;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/** Jackson, set to take nothing but what our records say, and its complaints in our words. */
final class Json {
  static final JsonMapper MAPPER = mapper();

  private Json() {}

  private static JsonMapper mapper() {
    // Bounds far above what a file of ours needs, and far below what would exhaust a JVM.
    StreamReadConstraints bounds =
        StreamReadConstraints.builder()
            .maxNestingDepth(16)
            .maxNumberLength(40)
            .maxNameLength(200)
            .maxStringLength(100_000)
            .build();
    return JsonMapper.builder(JsonFactory.builder().streamReadConstraints(bounds).build())
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .disable(
            MapperFeature.SORT_PROPERTIES_ALPHABETICALLY, MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(
            DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .withCoercionConfig(
            LogicalType.Textual,
            text ->
                text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
        .build();
  }

  /** What is wrong in a file: the field's path, if it is about one, and the fault. */
  static String fault(JacksonException e) {
    String where = path(e.getPath());
    return (where.isEmpty() ? "" : where + ": ") + complaint(e);
  }

  private static String complaint(JacksonException e) {
    return switch (e) {
      case UnrecognizedPropertyException unknown -> "unknown field";
      case ValueInstantiationException refused when refused.getCause() != null ->
          firstLine(refused.getCause().getMessage());
      case MismatchedInputException missing
          when missing.getOriginalMessage().startsWith("Missing required") ->
          "is missing";
      case MismatchedInputException mismatch when mismatch.getCurrentToken() != null ->
          "expected " + expected(mismatch.getTargetType()) + ", found " + found(mismatch);
      case MismatchedInputException mismatch -> firstLine(mismatch.getOriginalMessage());
      case StreamConstraintsException bound ->
          "too long or too deep: "
              + firstLine(bound.getOriginalMessage()).replaceAll(", from `[^`]*`", "");
      case InputCoercionException big -> firstLine(big.getOriginalMessage());
      case StreamReadException syntax ->
          "not JSON at line %d, column %d: %s"
              .formatted(
                  syntax.getLocation().getLineNr(),
                  syntax.getLocation().getColumnNr(),
                  firstLine(syntax.getOriginalMessage()).replaceAll(" \\(start marker.*", ""));
      default -> firstLine(e.getOriginalMessage());
    };
  }

  /** A path as one would type it: {@code results[2].median}. */
  private static String path(List<JacksonException.Reference> references) {
    var path = new StringBuilder();
    for (JacksonException.Reference reference : references) {
      String name = reference.getPropertyName();
      if (name == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(name);
      }
    }
    return path.toString();
  }

  private static String expected(Class<?> type) {
    if (type == String.class) {
      return "a string";
    } else if (type == double.class || type == Double.class) {
      return "a number";
    } else if (type == int.class
        || type == Integer.class
        || type == long.class
        || type == Long.class) {
      return "a whole number";
    } else if (Collection.class.isAssignableFrom(type)) {
      return "an array";
    }
    return type.isRecord() || Map.class.isAssignableFrom(type) ? "an object" : "something else";
  }

  private static String found(MismatchedInputException mismatch) {
    return switch (mismatch.getCurrentToken()) {
      case START_OBJECT, PROPERTY_NAME, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "a whole number";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NULL -> "null";
      case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> "something else";
    };
  }

  private static String firstLine(@Nullable String text) {
    return text == null ? "?" : text.lines().findFirst().orElse("?");
  }
}
