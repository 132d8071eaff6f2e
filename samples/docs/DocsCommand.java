package org.adjoint.samples.docs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.adjoint.check.Check;
import org.adjoint.check.Tally;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.samples.cli.Course.Sample;
import org.adjoint.samples.cli.Html;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./adjoint docs [--out DIR]}: writes the pages from the catalog and the course alone. */
@Command(
    name = "docs",
    description = {
      "write a page for each operation, and an index",
      "Open index.html in a browser; nothing is fetched from anywhere."
    })
public final class DocsCommand implements Callable<Integer> {
  /** Lies in a folder that this command may write over. */
  static final String MARKER = ".adjoint-docs";

  private final List<OpSpec> specs;
  private final List<Sample> course;

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "the folder to write, empty or written by docs before; default target/docs")
  private @Nullable Path out;

  @Option(
      names = "--measure",
      description = "also check the operations, and write how near errors came to their bounds")
  private boolean measure;

  /** Writes about the whole catalog and {@code course}. */
  public DocsCommand(List<Sample> course) {
    this(OpCatalog.all(), course);
  }

  DocsCommand(List<OpSpec> specs, List<Sample> course) {
    this.specs = specs;
    this.course = course;
  }

  /**
   * Writes the pages.
   *
   * @return 0
   * @throws UserError if the folder holds other files or cannot be written
   */
  @Override
  public Integer call() {
    Path home = Path.of(System.getProperty("adjoint.home", ""));
    Path folder = out != null ? out : home.resolve("target/docs");
    try {
      claim(folder);
      write(folder, new Sources(home.toAbsolutePath()));
    } catch (IOException e) {
      throw new UserError("cannot write " + folder + ": " + e, e);
    }
    spec.commandLine()
        .getOut()
        .printf("%d operations in %s%n", specs.size(), folder.resolve("index.html"));
    return 0;
  }

  /** Makes {@code folder} ours, unless it is someone else's; pages of before are removed. */
  private static void claim(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UserError(folder + " is a file; name a folder with --out");
    }
    Files.createDirectories(folder);
    boolean empty;
    try (Stream<Path> files = Files.list(folder)) {
      empty = files.findAny().isEmpty();
    }
    if (!empty && !Files.exists(folder.resolve(MARKER))) {
      throw new UserError(folder + " holds other files; name an empty folder with --out");
    }
    Files.write(folder.resolve(MARKER), new byte[0]);
    Path pages = Files.createDirectories(folder.resolve("ops"));
    try (DirectoryStream<Path> old = Files.newDirectoryStream(pages, "*.html")) {
      for (Path page : old) {
        Files.delete(page);
      }
    }
  }

  private void write(Path folder, Sources sources) throws IOException {
    Map<Group, List<OpSpec>> groups = Group.of(specs);
    Path pages = folder.resolve("ops");
    List<OpSpec> order = groups.values().stream().flatMap(List::stream).toList();
    for (Map.Entry<Group, List<OpSpec>> group : groups.entrySet()) {
      for (OpSpec op : group.getValue()) {
        Html page = OpPage.of(op, group.getKey(), pages, sources, measured(op));
        neighbours(page, order, order.indexOf(op));
        String title = op.name() + " – Adjoint";
        Files.writeString(pages.resolve(op.name() + ".html"), Page.of(title, page));
      }
    }
    Html index = IndexPage.of(groups, course, folder, sources);
    Files.writeString(
        folder.resolve("index.html"), Page.of("Adjoint: operations and course", index));
  }

  /** What the checks that compare numbers found, where there was something to compare. */
  private List<Tally> measured(OpSpec op) {
    if (!measure) {
      return List.of();
    }
    return Stream.of(Check.FIRST_DERIVATIVE, Check.SECOND_DERIVATIVE, Check.FAST)
        .filter(check -> check != Check.FAST || OpPage.hasFast(op))
        .map(check -> check.on(op))
        .filter(tally -> tally.compared() > 0 || !tally.failures().isEmpty())
        .toList();
  }

  private static void neighbours(Html page, List<OpSpec> order, int at) {
    page.add("<nav class=\"ends\" aria-label=\"Neighbours\">\n");
    link(page, order, at - 1, "← ", "");
    link(page, order, at + 1, "", " →");
    page.add("</nav>\n");
  }

  private static void link(Html page, List<OpSpec> order, int at, String before, String after) {
    if (at < 0 || at >= order.size()) {
      page.add("<span></span>\n");
      return;
    }
    String name = order.get(at).name();
    page.add("<a href=\"{}.html\">{}<code>{}</code>{}</a>\n", name, before, name, after);
  }
}
