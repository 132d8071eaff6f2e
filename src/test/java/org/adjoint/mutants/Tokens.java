package org.adjoint.mutants;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The words of a preprocessed C++ text, with the brackets that belong together.
 *
 * <p>A {@code <} with a space on both sides compares, any other opens the arguments of a template:
 * that is how the kernels are written.
 */
final class Tokens {
  /** A word, and where it is in the text. */
  record Token(String text, int start, int end) {}

  private static final Pattern TOKEN =
      Pattern.compile(
          "[A-Za-z_]\\w*|\\.?\\d(?:[eEpP][+-]|[\\w.])*|\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*'"
              + "|<<=|>>=|->|::|\\+\\+|--|&&|\\|\\||[-+*/%&|^!=]=|(?<=\\s)(?:<=|>=|<<|>>)(?=\\s)"
              + "|\\S");
  private static final Pattern MARKER =
      Pattern.compile("(?m)^[ \\t]*#(?: (\\d+) \"([^\"]*)\"[ \\d]*)?.*$");
  // What threadIdx and its like are in the emulator's headers.
  private static final Pattern PLACE =
      Pattern.compile("\\(uint3\\{.*?emu_where\\.(\\w+)\\.z.*?\\}\\)");
  private static final Map<String, String> PLACES =
      Map.of(
          "thread",
          "threadIdx",
          "block",
          "blockIdx",
          "block_dim",
          "blockDim",
          "grid_dim",
          "gridDim");
  private static final Set<String> CLOSING = Set.of(")", "]", "}");

  final String text;
  private final List<Token> tokens = new ArrayList<>();
  private final int[] partner;
  private final List<Marker> markers = new ArrayList<>();

  private record Marker(int end, String file, int line) {}

  Tokens(String text) {
    this.text = text;
    Matcher marker = MARKER.matcher(text);
    StringBuilder plain = new StringBuilder(text);
    while (marker.find()) {
      if (marker.group(1) != null) {
        markers.add(new Marker(marker.end(), marker.group(2), Integer.parseInt(marker.group(1))));
      }
      plain.replace(marker.start(), marker.end(), " ".repeat(marker.end() - marker.start()));
    }
    Matcher token = TOKEN.matcher(plain);
    while (token.find()) {
      tokens.add(new Token(token.group(), token.start(), token.end()));
    }
    partner = new int[tokens.size()];
    Arrays.fill(partner, -1);
    match();
  }

  private void match() {
    Deque<Integer> open = new ArrayDeque<>();
    for (int i = 0; i < size(); i++) {
      String word = at(i);
      if (Set.of("(", "[", "{").contains(word) || opensTemplate(i)) {
        open.push(i);
      } else if (word.equals(">") && !isSpaced(i)) {
        if (!open.isEmpty() && at(open.peek()).equals("<")) {
          pair(open.pop(), i);
        }
      } else if (CLOSING.contains(word)) {
        while (!open.isEmpty() && at(open.peek()).equals("<")) {
          open.pop(); // a stray one, outside of the kernels
        }
        if (!open.isEmpty()) {
          pair(open.pop(), i);
        }
      }
    }
  }

  private boolean opensTemplate(int i) {
    return at(i).equals("<")
        && i > 0
        && (at(i - 1).equals("template") || (!isSpaced(i) && isName(i - 1)));
  }

  private void pair(int from, int to) {
    partner[from] = to;
    partner[to] = from;
  }

  int size() {
    return tokens.size();
  }

  /** The word at {@code i}; empty beyond the ends. */
  String at(int i) {
    return i < 0 || i >= tokens.size() ? "" : tokens.get(i).text();
  }

  int start(int i) {
    return tokens.get(i).start();
  }

  int end(int i) {
    return tokens.get(i).end();
  }

  /** The bracket that belongs to that at {@code i}, or −1. */
  int partner(int i) {
    return partner[i];
  }

  /** Whether there is white space on both sides. */
  boolean isSpaced(int i) {
    return Character.isWhitespace(text.charAt(start(i) - 1))
        && end(i) < text.length()
        && Character.isWhitespace(text.charAt(end(i)));
  }

  boolean isName(int i) {
    return !at(i).isEmpty() && (Character.isLetter(at(i).charAt(0)) || at(i).charAt(0) == '_');
  }

  /** The text from one token to another, both included, in one line. */
  String slice(int from, int to) {
    String words =
        text.substring(start(from), end(to))
            .replaceAll("(?m)^[ \\t]*#.*$", "")
            .replaceAll("\\s+", " ");
    return PLACE.matcher(words).replaceAll(found -> PLACES.get(found.group(1)));
  }

  /** The path of the file that token {@code i} came from. */
  String file(int i) {
    Marker marker = marker(start(i));
    return marker == null ? "" : marker.file();
  }

  /** The line there. */
  int line(int i) {
    Marker marker = marker(start(i));
    if (marker == null) {
      return 0;
    }
    long breaks = text.substring(marker.end(), start(i)).chars().filter(c -> c == '\n').count();
    return (int) (marker.line() + breaks - 1);
  }

  private @Nullable Marker marker(int position) {
    int low = 0;
    int high = markers.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (markers.get(middle).end() <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? null : markers.get(low - 1);
  }
}
