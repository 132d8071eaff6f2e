package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.adjoint.Philox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A second and a half of what {@code ./adjoint check --all} does for a minute a format. */
class FuzzTest {
  @ParameterizedTest
  @EnumSource
  void damagedFilesAreReadOrRefused(Parsers parser) {
    Fuzz.Outcome outcome = Fuzz.run(parser, 1, Duration.ofMillis(1500));

    assertEquals("", outcome.failure());
    assertTrue(outcome.tried() > 100, "only " + outcome.tried() + " files tried");
    long refused = outcome.tried() - outcome.read();
    assertTrue(refused > outcome.tried() / 10, "only " + refused + " refused");
    assertTrue(outcome.read() > 0, "none got through: the damage is too coarse");
  }

  private interface Reading {
    void read(byte[] bytes) throws IOException;
  }

  /** What the harness says of a reader that does this to a damaged file. */
  private static String said(Reading reading) {
    byte[] sound = new byte[100];
    return Fuzz.run(
            new Fuzz.Parser() {
              @Override
              public byte[] sound(Philox random) {
                return sound;
              }

              @Override
              public void read(Path file) throws IOException {
                byte[] bytes = Files.readAllBytes(file);
                if (!Arrays.equals(bytes, sound)) {
                  reading.read(bytes);
                }
              }
            },
            1,
            Duration.ofSeconds(5))
        .failure();
  }

  @Test
  void badReadersAreFound() {
    String thrown = said(bytes -> bytes[bytes.length] = 0);
    assertTrue(thrown.contains("seed 1, file 0: java.lang.ArrayIndexOutOfBounds"), thrown);
    String lines =
        said(bytes -> {
          throw new IOException("one\ntwo");
        });
    assertTrue(lines.endsWith("a message of several lines: one\ntwo"), lines);
    int[] kept = new int[1];
    String memory = said(bytes -> kept[0] = IntStream.range(0, 1_000_000).toArray().length);
    assertTrue(memory.contains("bytes allocated for a file of "), memory);
  }
}
