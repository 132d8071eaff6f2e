package org.adjoint.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;

/**
 * Replaces what stands between two markers, each on a line of its own, by a generated table:
 *
 * <pre>{@code
 * <!-- results:lenet-mnist -->
 * | seed | …
 * <!-- /results:lenet-mnist -->
 * }</pre>
 *
 * <p>Outside the markers not a byte changes.
 */
final class Readme {
  /** Anything that is, or was meant to be, a marker: to the end of its line. */
  private static final Pattern MARKER = Pattern.compile("[^\\r\\n]*<!--\\s*/?results:[^\\r\\n]*");

  private static final Pattern GOOD =
      Pattern.compile("<!-- (?<end>/?)results:(?<name>[a-z0-9-]+) -->");

  private Readme() {}

  /**
   * Brings a file up to date, if {@code write} says so.
   *
   * @param tables the Markdown table of a name, its lines ending in \n
   * @return whether the file was stale
   * @throws UserError if a marker is wrong, or the file cannot be read or written
   */
  static boolean update(Path file, Function<String, String> tables, boolean write) {
    try {
      // Strictly: a byte that is no UTF-8 would not survive.
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
              .toString();
      String fresh = render(text, tables);
      boolean stale = !fresh.equals(text);
      if (stale && write) {
        ResultFile.replace(file, fresh.getBytes(StandardCharsets.UTF_8));
      }
      return stale;
    } catch (IllegalArgumentException e) {
      throw new UserError(file + ": " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new UserError(file + ": no such file", e);
    } catch (CharacterCodingException e) {
      throw new UserError(file + ": not UTF-8", e);
    } catch (IOException e) {
      throw new UserError(file + ": " + e, e);
    }
  }

  /**
   * The text with fresh tables.
   *
   * @throws IllegalArgumentException naming the marker that is wrong, and its line
   */
  static String render(String text, Function<String, String> tables) {
    var fresh = new StringBuilder();
    int done = 0; // text up to here is in fresh
    @Nullable String open = null;
    int openLine = 0;
    Matcher lines = MARKER.matcher(text);
    while (lines.find()) {
      int line = 1 + (int) text.substring(0, lines.start()).chars().filter(c -> c == '\n').count();
      Matcher marker = GOOD.matcher(lines.group());
      if (!marker.matches()) {
        throw fault(
            line, "a marker is <!-- results:NAME --> or <!-- /results:NAME -->, alone on its line");
      }
      String name = marker.group("name");
      boolean end = !marker.group("end").isEmpty();
      if (open == null && !end) {
        int start = afterLine(text, lines.end());
        String newline = text.substring(lines.end(), start).equals("\r\n") ? "\r\n" : "\n";
        fresh.append(text, done, lines.end()).append(newline);
        fresh.append(table(name, line, tables).replace("\n", newline));
        open = name;
        openLine = line;
      } else if (end && name.equals(open)) {
        done = lines.start(); // the closing marker is copied with what follows
        open = null;
      } else if (open != null) {
        throw fault(line, "results:%s is not closed before %s".formatted(open, lines.group()));
      } else {
        throw fault(line, "results:%s is closed and was not opened".formatted(name));
      }
    }
    if (open != null) {
      throw fault(openLine, "results:%s is not closed".formatted(open));
    }
    return fresh.append(text, done, text.length()).toString();
  }

  private static String table(String name, int line, Function<String, String> tables) {
    try {
      return tables.apply(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("line " + line + ": " + e.getMessage(), e);
    }
  }

  private static int afterLine(String text, int end) {
    if (text.startsWith("\r\n", end)) {
      return end + 2;
    }
    return Math.min(end + 1, text.length());
  }

  private static IllegalArgumentException fault(int line, String message) {
    return new IllegalArgumentException("line " + line + ": " + message);
  }
}
