package org.adjoint.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.adjoint.samples.cli.UserError;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads and writes {@link Results} as JSON; whatever fails says so in one line. */
public final class ResultFile {
  /** Far more than any file of ours: what is longer is something else. */
  private static final int MAX_BYTES = 64 << 20;

  private ResultFile() {}

  /**
   * Reads a file, taking nothing for granted.
   *
   * @throws UserError naming the file, the field in it, and what is wrong there
   */
  public static Results read(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new UserError(file + ": is a folder, expected a file of results");
      }
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_BYTES + 1);
      }
      if (bytes.length > MAX_BYTES) {
        throw new UserError(file + ": longer than the %d MB allowed".formatted(MAX_BYTES >> 20));
      }
      JsonNode tree = Json.MAPPER.readTree(bytes);
      if (!tree.isObject()) {
        throw new UserError(file + ": not a file of results: expected a JSON object");
      }
      // First of all, so that a later schema is not taken for a faulty file of this one.
      JsonNode schema = tree.path("schema");
      if (!schema.isInt() || schema.intValue() != Results.SCHEMA) {
        throw new UserError(
            "%s: schema: expected %d, found %s"
                .formatted(
                    file, Results.SCHEMA, schema.isMissingNode() ? "none" : excerpt(schema)));
      }
      return Json.MAPPER.treeToValue(tree, Results.class);
    } catch (NoSuchFileException e) {
      throw new UserError(file + ": no such file", e);
    } catch (IOException e) {
      throw new UserError(file + ": cannot be read: " + e, e);
    } catch (JacksonException e) {
      throw new UserError(file + ": " + Json.fault(e), e);
    }
  }

  /**
   * Writes a file, which appears under its name only when it is whole.
   *
   * @throws UserError if that cannot be; what was there before stays
   */
  public static void write(Path file, Results results) {
    requireWritable(file);
    String text = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(results) + "\n";
    try {
      replace(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UserError(file + ": cannot be written: " + e, e);
    }
  }

  /**
   * Deletes a file that a run wrote while it went on, if there is one.
   *
   * @throws UserError if that cannot be
   */
  public static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UserError(file + ": cannot be deleted: " + e, e);
    }
  }

  /** A row of results, or ceilings, in one line: for another process. */
  public static String line(Object row) {
    return Json.MAPPER.writeValueAsString(row);
  }

  /** What {@link #line} wrote. */
  public static <T> T ofLine(String line, Class<T> type) {
    return Json.MAPPER.readValue(line, type);
  }

  /**
   * Checks that {@code file} can be written, so that a run of an hour does not find out at its end.
   *
   * @throws UserError if it cannot
   */
  public static void requireWritable(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw new UserError(file + ": is a folder; name a file to write the results to");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) { // /dev/null would be moved away
      throw new UserError(file + ": is no ordinary file; name one to write the results to");
    }
    if (!Files.isDirectory(folder)) {
      throw new UserError(file + ": there is no folder " + folder + "; make it first");
    }
    if (!Files.isWritable(folder)) {
      throw new UserError(file + ": nothing can be written in " + folder);
    }
  }

  /** Puts {@code content} beside {@code file}, then moves it over; a link stays one. */
  public static void replace(Path file, byte[] content) throws IOException {
    Path target = Files.exists(file) ? file.toRealPath() : file;
    long process = ProcessHandle.current().pid();
    Path part = target.resolveSibling(target.getFileName() + "." + process + ".part");
    try {
      Files.write(part, content);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static String excerpt(JsonNode node) {
    String text = node.toString();
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
