package org.adjoint.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void valuesOfEveryKind() throws Json.Malformed {
    assertEquals(
        Map.of("a", List.of(1L, -2L, 0L), "b", Map.of(), "c", List.of()),
        Json.parse(" {\"a\" : [1,-2 ,0],\n\"b\":{ }, \"c\":[\t]} "));
    assertEquals(Arrays.asList(true, false, null), Json.parse("[true,false,null]"));
    assertEquals(List.of(1.5, 1e10, -0.25, 1e-3), Json.parse("[1.5,1e10,-2.5E-1,1e-3]"));
    assertEquals(Long.MIN_VALUE, Json.parse("-9223372036854775808"));
    assertEquals(0x1p63, Json.parse("9223372036854775808"));
    assertEquals(
        "\"\\/\b\f\n\r\té😀", Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\ud83d\\ude00\""));
  }

  @Test
  void quotedTextIsReadAgain() throws Json.Malformed {
    String text = "a\"b\\c\n\u0000\u001f\u2028é😀/";
    assertEquals(text, Json.parse(Json.quote(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{'a':1}",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "Infinity",
        "nul",
        "True",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"a\nb\"",
        "1 2",
        "[1]]",
        "{\"a\":1,\"a\":2}",
        "//",
        "\ufeff{}"
      })
  void whatIsNotJsonIsRefused(String text) {
    Json.Malformed e = assertThrows(Json.Malformed.class, () -> Json.parse(text));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("character "), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void depthIsLimited() throws Json.Malformed {
    Json.parse("[".repeat(33) + "]".repeat(33));
    assertThrows(Json.Malformed.class, () -> Json.parse("[".repeat(34) + "]".repeat(34)));
  }
}
