package org.adjoint.samples.cli;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/** What went wrong, in one line where the user can mend it. */
final class Failures {
  /** A failure that its message explains. */
  static final int FAILED = 1;

  /** A command line that makes no sense. */
  static final int MISUSED = 2;

  /** A fault of the program. */
  static final int BROKEN = 70;

  private Failures() {}

  static int misuse(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    say(command, message(e) + " (" + name + " --help)");
    return MISUSED;
  }

  static int failure(Exception e, CommandLine command, ParseResult ignored) {
    if (e instanceof UserError) {
      say(command, String.valueOf(e.getMessage()));
      return FAILED;
    }
    e.printStackTrace(command.getErr());
    return BROKEN;
  }

  /** Runs the command; picocli's handlers see exceptions only, so errors end here. */
  static int guard(ParseResult parsed) {
    try {
      return Profiling.around(parsed, () -> new RunLast().execute(parsed));
    } catch (Error e) {
      e.printStackTrace(parsed.commandSpec().commandLine().getErr());
      return BROKEN;
    }
  }

  private static void say(CommandLine command, String message) {
    String line = command.getCommandSpec().qualifiedName() + ": " + message;
    command.getErr().println(line.replaceAll("\\s*\\R\\s*", " "));
  }

  private static String message(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      String message = String.valueOf(e.getMessage());
      return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }
    CommandLine command = e.getCommandLine();
    String word = unmatched.getUnmatched().get(0);
    if (unmatched.isUnknownOption()) {
      String option = word.replaceFirst("=.*", "");
      List<String> options =
          command.getCommandSpec().options().stream().map(OptionSpec::longestName).toList();
      return "unknown option '" + option + "'" + hint(option, options);
    }
    boolean run = command.getCommandSpec().userObject() instanceof Run;
    if (!run && command.getSubcommands().isEmpty()) {
      return "unexpected argument '" + word + "'";
    }
    return "unknown %s '%s'".formatted(run ? "sample" : "command", word)
        + hint(word, command.getSubcommands().keySet());
  }

  static String hint(String typed, Collection<String> known) {
    Optional<String> nearest =
        known.stream()
            .filter(name -> distance(typed, name) <= Math.max(1, typed.length() / 3))
            .min((a, b) -> Integer.compare(distance(typed, a), distance(typed, b)));
    return nearest.map(name -> "; did you mean " + name + "?").orElse("");
  }

  /** Levenshtein's: how many letters must be put in, taken out or changed. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
