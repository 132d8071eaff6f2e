package org.adjoint.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.bench.ResultFile;
import org.adjoint.samples.cli.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./adjoint bench report FILE…}: one page of HTML made of files of results. */
@Command(
    name = "report",
    description = {
      "write one page of HTML about files of results",
      "Open it in a browser; nothing is fetched from anywhere. Files of one machine and commit are"
          + " taken together, where a later file replaces rows of an earlier one; others stand"
          + " beside each other."
    })
public final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "files of results")
  private List<Path> files;

  @Option(
      names = "--out",
      paramLabel = "PAGE.html",
      defaultValue = "report.html",
      description = "the page to write; default ${DEFAULT-VALUE}")
  private Path out;

  /**
   * Writes the page.
   *
   * @return 0
   * @throws UserError if a file cannot be read or the page cannot be written
   */
  @Override
  public Integer call() {
    ResultFile.requireWritable(out);
    for (Path file : files) {
      if (file.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
        throw new UserError(out + ": is a file to read; name another with --out");
      }
    }
    Report report =
        Report.of(
            files.stream()
                .map(file -> new Report.Source(name(file), ResultFile.read(file)))
                .toList());
    try {
      ResultFile.replace(out, ReportPage.of(report).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UserError(out + ": cannot be written: " + e, e);
    }
    spec.commandLine().getOut().println(report.rows().count() + " rows in " + out);
    return 0;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
