package org.adjoint.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The tables that the README can show: a name, the files it is made of, and how. */
final class Tables implements Function<String, String> {
  /**
   * One table.
   *
   * @param files a glob in {@code bench/results}; the files are taken in the order of their names
   */
  private record Table(String files, Function<List<Results>, String> markdown) {}

  /** A new table is one line here. */
  private static final Map<String, Table> TABLES =
      new TreeMap<>(
          Map.of(
              "lenet-mnist", new Table("lenet-mnist*.json", TrainingTable::of),
              "lenet5-mnist", new Table("lenet5-mnist*.json", ContestTable::of)));

  private final Path folder;

  Tables(Path folder) {
    this.folder = folder;
  }

  /**
   * The table of that name.
   *
   * @throws IllegalArgumentException if there is none, or no file to make it of
   */
  @Override
  public String apply(String name) {
    Table table = TABLES.get(name);
    if (table == null) {
      throw new IllegalArgumentException(
          "no table is named %s; there is: %s".formatted(name, String.join(", ", TABLES.keySet())));
    }
    List<Results> results = files(table.files()).stream().map(ResultFile::read).toList();
    if (results.isEmpty()) {
      throw new IllegalArgumentException(
          "results:%s: there is no %s in %s".formatted(name, table.files(), folder));
    }
    return table.markdown().apply(results);
  }

  private List<Path> files(String glob) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    var files = new ArrayList<Path>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, glob)) {
      found.forEach(files::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files.stream().sorted().toList();
  }

  /** A Markdown table: the first row is its head, where a # before a name marks numbers. */
  static String markdown(List<List<String>> rows) {
    List<String> head = rows.get(0);
    var text = new StringBuilder(line(head.stream().map(name -> name.replace("#", "")).toList()));
    List<String> rule = head.stream().map(name -> name.startsWith("#") ? "---:" : "---").toList();
    text.append("|").append(String.join("|", rule)).append("|\n");
    rows.stream().skip(1).map(Tables::line).forEach(text::append);
    return text.toString();
  }

  /** A cell may hold what a file says, which must not break the table. */
  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replaceAll("[\\r\\n|]", " ").replace("<!--", "<! --"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
