package org.adjoint.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as RFC 8259 has it, and not a comma more. Objects become maps in the order of the text,
 * arrays lists; numbers Long where they are whole and fit, else Double. Beyond the RFC, refused
 * are: a name twice in an object, a half of a surrogate pair, and nesting deeper than {@value
 * #DEEPEST}.
 */
public final class Json {
  private static final int DEEPEST = 32;
  private static final String HEX = "0123456789abcdef";

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /** Text that is not JSON; where, and why. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    private Malformed(int at, String what) {
      super("character " + at + ": " + what);
    }
  }

  /** The value of a whole text. */
  static @Nullable Object parse(String text) throws Malformed {
    Json json = new Json(text);
    Object value = json.value(0);
    if (json.peek() >= 0) {
      throw json.bad("more follows the value");
    }
    return value;
  }

  /** {@code text} as a JSON string, with its quotes. */
  public static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private @Nullable Object value(int depth) throws Malformed {
    if (depth > DEEPEST) {
      throw bad("nested deeper than " + DEEPEST);
    }
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> object(int depth) throws Malformed {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    expect('{');
    if (peek() == '}') {
      at++;
      return object;
    }
    while (true) {
      peek();
      int start = at;
      String name = string();
      expect(':');
      Object value = value(depth + 1);
      if (object.containsKey(name)) {
        throw new Malformed(start, Quoted.of(name) + " comes twice");
      }
      object.put(name, value);
      if (!comma('}')) {
        return object;
      }
    }
  }

  private List<@Nullable Object> array(int depth) throws Malformed {
    List<@Nullable Object> array = new ArrayList<>();
    expect('[');
    if (peek() == ']') {
      at++;
      return array;
    }
    do {
      array.add(value(depth + 1));
    } while (comma(']'));
    return array;
  }

  /** Whether another element follows; if not, goes past the {@code end}. */
  private boolean comma(char end) throws Malformed {
    if (peek() == ',') {
      at++;
      return true;
    }
    expect(end);
    return false;
  }

  private @Nullable Object word(String word, @Nullable Object value) throws Malformed {
    if (!text.startsWith(word, at)) {
      throw bad("not a value");
    }
    at += word.length();
    return value;
  }

  private String string() throws Malformed {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (true) {
      int c = next();
      if (c == '"') {
        break;
      }
      if (c < ' ') {
        throw bad(c < 0 ? "the text ends in a string" : "a bare control character in a string");
      }
      string.append(c == '\\' ? escaped() : (char) c);
    }
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < string.length()
          && Character.isLowSurrogate(string.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw bad("half of a surrogate pair in a string");
      }
    }
    return string.toString();
  }

  private char escaped() throws Malformed {
    int c = next();
    return switch (c) {
      case '"', '\\', '/' -> (char) c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = HEX.indexOf(Character.toLowerCase(next()));
          if (digit < 0) {
            throw bad("\\u without four hexadecimal digits");
          }
          code = 16 * code + digit;
        }
        yield (char) code;
      }
      default -> throw bad("an unknown escape in a string");
    };
  }

  /** −? (0 | 1–9 digits) (. digits)? (e ±? digits)? */
  private Object number() throws Malformed {
    int start = at;
    skip('-');
    if (!skip('0')) {
      digits();
    }
    boolean whole = true;
    if (skip('.')) {
      whole = false;
      digits();
    }
    if (skip('e') || skip('E')) {
      whole = false;
      if (!skip('+')) {
        skip('-');
      }
      digits();
    }
    String number = text.substring(start, at);
    if (whole) {
      try {
        return Long.valueOf(number);
      } catch (NumberFormatException e) {
        return Double.valueOf(number); // more digits than a long has
      }
    }
    return Double.valueOf(number);
  }

  private void digits() throws Malformed {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw bad(at == text.length() ? "the text ends where a value should be" : "not a value");
    }
  }

  private boolean skip(char c) {
    boolean here = at < text.length() && text.charAt(at) == c;
    at += here ? 1 : 0;
    return here;
  }

  private void expect(char c) throws Malformed {
    if (peek() != c) {
      throw bad("'" + c + "' expected");
    }
    at++;
  }

  /** The next character but white space, which is passed over; −1 at the end. */
  private int peek() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : -1;
  }

  private int next() {
    return at < text.length() ? text.charAt(at++) : -1;
  }

  private Malformed bad(String what) {
    return new Malformed(at, what);
  }
}
