package org.adjoint.bench.kernels;

import java.util.List;
import java.util.Locale;
import org.adjoint.DType;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be said of a {@link Selection} on the command line. */
@Command
final class SelectionOptions {
  @Parameters(
      paramLabel = "FAMILY",
      arity = "0..*",
      description = "families such as softmax or matmul, or operations; default: all")
  private List<String> families = List.of();

  @Option(
      names = "--variants",
      paramLabel = "NAME",
      split = ",",
      description = "only variants of these names")
  private List<String> variants = List.of();

  @Option(
      names = "--shapes",
      paramLabel = "SIZES",
      split = ",",
      description = "sizes in the place of a family's own, such as 8192x768")
  private List<String> shapes = List.of();

  @Option(
      names = "--dtype",
      paramLabel = "DTYPE",
      description = "F32, F64, BF16 or F16, in the place of the cases' own")
  private @Nullable String dtype;

  /**
   * What was said.
   *
   * @throws UserError if the dtype is none
   */
  Selection selection() {
    return new Selection(families, variants, shapes, dtype == null ? null : floating(dtype));
  }

  private static DType floating(String text) {
    try {
      DType found = DType.valueOf(text.toUpperCase(Locale.ROOT));
      if (found.isFloating()) {
        return found;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new UserError("--dtype " + text + ": there is F32, F64, BF16 and F16");
  }

  /** Options that {@link Selection#words} wrote. */
  static SelectionOptions parse(List<String> words) {
    SelectionOptions options = new SelectionOptions();
    new CommandLine(options).parseArgs(words.toArray(String[]::new));
    return options;
  }
}
