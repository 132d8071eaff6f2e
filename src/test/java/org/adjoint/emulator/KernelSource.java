package org.adjoint.emulator;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns a preprocessed {@code .cu} file into plain C++: the three words of CUDA that no macro could
 * express, since they change the declaration around them.
 *
 * <ul>
 *   <li>{@code __shared__ float tile[16][17];} becomes a reference to the block's own array,
 *   <li>{@code extern __shared__ float rows[];} a pointer to its dynamic memory,
 *   <li>{@code extern "C" __global__ void name(…)} a function, with an entry {@code emu_entry_name}
 *       at the end of the file, which knows the {@code __launch_bounds__}.
 * </ul>
 *
 * Lines keep their numbers.
 */
final class KernelSource {
  private static final Pattern SHARED =
      Pattern.compile(
          "((?:(?:extern|static|volatile|const|alignas\\s*\\([^()]*\\)"
              + "|__attribute__\\s*\\(\\([^;{}]*?\\)\\))\\s+)*)__shared__\\b([^;]*);");
  private static final Pattern ALIGNMENT =
      Pattern.compile(
          "alignas\\s*\\(([^()]*)\\)|__attribute__\\s*\\(\\(\\s*aligned\\s*\\(([^()]*)\\)\\s*\\)\\)");
  private static final Pattern DECLARATOR =
      Pattern.compile("(?s)(.*?)\\b([A-Za-z_]\\w*)\\s*((?:\\[[^\\]]*\\]\\s*)*)");
  private static final Pattern GLOBAL = Pattern.compile("\\b__global__\\b");
  private static final Pattern BOUNDS = Pattern.compile("\\b__launch_bounds__\\s*\\(");
  private static final Pattern ENTRY =
      Pattern.compile("\\G(?:\\s|void\\b|static\\b|inline\\b)*([A-Za-z_]\\w*)\\s*\\(");

  private KernelSource() {}

  /** The C++ text of a kernel's preprocessed text. */
  static String rewrite(String text) {
    String shared = SHARED.matcher(text).replaceAll(m -> Matcher.quoteReplacement(shared(m)));
    return entries(shared);
  }

  private static String shared(MatchResult found) {
    String body = found.group(1) + " " + found.group(2).replaceAll("(?m)^#.*$", "");
    StringBuilder alignment = new StringBuilder();
    Matcher aligned = ALIGNMENT.matcher(body);
    while (aligned.find()) {
      alignment.append(aligned.group(1) != null ? aligned.group(1) : aligned.group(2));
    }
    body = aligned.replaceAll(" ");
    boolean dynamic = body.matches("(?s).*\\bextern\\b.*");
    body = body.replaceAll("\\b(extern|static)\\b", " ").strip();

    StringBuilder result = new StringBuilder();
    String base = "";
    for (String part : splitAtCommas(body)) {
      Matcher declarator = DECLARATOR.matcher(part.strip());
      if (!declarator.matches()) {
        throw new IllegalArgumentException("__shared__ " + body + ": not understood");
      }
      String before = declarator.group(1).strip();
      String name = declarator.group(2);
      String sizes = declarator.group(3).strip();
      // `float a[4], *b;`: what stands before the first name is the type, but for its stars.
      String type = base + " " + before;
      if (base.isEmpty()) {
        base = before.replaceAll("[*&\\s]+$", "");
        type = before;
      }
      if (dynamic) {
        result.append(
            "%s* const %s = static_cast<%s*>(emu_dynamic_shared()); ".formatted(type, name, type));
      } else {
        result.append("static char emu_key_%s; ".formatted(name));
        result.append(
            "auto& %s = emu::shared<%s%s>(&emu_key_%s, %s, \"%s\"); "
                .formatted(name, type, sizes, name, alignment.isEmpty() ? "1" : alignment, name));
      }
    }
    long lines = found.group().chars().filter(c -> c == '\n').count();
    return result + "\n".repeat((int) lines);
  }

  /** Parts between commas outside of all brackets. */
  private static String[] splitAtCommas(String text) {
    StringBuilder marked = new StringBuilder(text);
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ("([{<".indexOf(c) >= 0) {
        depth++;
      } else if (")]}>".indexOf(c) >= 0) {
        depth--;
      } else if (c == ',' && depth == 0) {
        marked.setCharAt(i, '\0');
      }
    }
    return marked.toString().split("\0");
  }

  private static String entries(String text) {
    Map<String, String> entries = new LinkedHashMap<>();
    StringBuilder out = new StringBuilder();
    int done = 0;
    Matcher global = GLOBAL.matcher(text);
    while (global.find(done)) {
      boolean entry = text.substring(0, global.start()).stripTrailing().endsWith("\"C\"");
      out.append(text, done, global.start());
      done = global.end();
      // A launch bound comes before or after `void`, and before the parameters.
      String bound = "0";
      int parameters = text.indexOf('(', done);
      Matcher bounds = BOUNDS.matcher(text);
      while (bounds.find(done) && bounds.end() - 1 == parameters) {
        int close = closing(text, bounds.end() - 1);
        bound = splitAtCommas(text.substring(bounds.end(), close))[0];
        text =
            text.substring(0, bounds.start())
                + " ".repeat(close + 1 - bounds.start())
                + text.substring(close + 1);
        parameters = text.indexOf('(', done);
        bounds = BOUNDS.matcher(text);
        global = GLOBAL.matcher(text);
      }
      Matcher name = ENTRY.matcher(text);
      if (entry && name.find(done)) {
        entries.put(name.group(1), bound.strip());
      }
    }
    out.append(text, done, text.length());
    entries.forEach((name, bound) ->
        out.append(
            """

            extern "C" const EmuEntry emu_entry_%1$s;
            const EmuEntry emu_entry_%1$s = emu::entry<%1$s>("%1$s", %2$s);
            """
                .formatted(name, bound)));
    return out.toString();
  }

  /** Where the bracket that opens at {@code open} closes. */
  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      if (text.charAt(i) == '(') {
        depth++;
      } else if (text.charAt(i) == ')' && --depth == 0) {
        return i;
      }
    }
    throw new IllegalArgumentException("__launch_bounds__: no closing bracket");
  }
}
