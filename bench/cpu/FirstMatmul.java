package org.adjoint.bench.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;
import org.adjoint.Tensor;

/** What a user waits for: a program that starts, multiplies two matrices, and shows a number. */
final class FirstMatmul {
  private FirstMatmul() {}

  /** Prints the mean of a product of matrices of ½ and of 1. */
  public static void main(String[] args) {
    System.out.println(Tensor.ones(64, 64).mul(0.5).matmul(Tensor.ones(64, 64)).mean().item());
  }

  /** Starts a JVM like this one and returns the number that it shows. */
  static double inAnotherJvm() {
    try {
      Process java = new ProcessBuilder(Jvm.command(FirstMatmul.class, List.of())).start();
      java.getOutputStream().close();
      try (BufferedReader out =
          new BufferedReader(new InputStreamReader(java.getInputStream(), UTF_8))) {
        return Double.parseDouble(String.valueOf(out.readLine()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
