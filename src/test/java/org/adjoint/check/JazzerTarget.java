package org.adjoint.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where Jazzer puts in its bytes, in a JVM of its own. */
public final class JazzerTarget {
  private static final Parsers PARSER = Parsers.valueOf(System.getProperty("adjoint.parser", ""));
  private static final Path FILE = Path.of(System.getProperty("adjoint.file", ""));

  private JazzerTarget() {}

  /** Called by Jazzer, which knows it by its name. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    // Damage outside the packing would seldom get past its checksum.
    Files.write(FILE, PARSER.pack(bytes));
    String wrong = Fuzz.verdict(PARSER, FILE);
    if (!wrong.isEmpty() && !wrong.equals(Fuzz.READ)) {
      throw new AssertionError(wrong);
    }
  }
}
