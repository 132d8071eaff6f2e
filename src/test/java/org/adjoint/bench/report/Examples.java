package org.adjoint.bench.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.KernelFacts.Traffic;
import org.adjoint.bench.KernelFacts.Warm;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;

/**
 * Two files of results that nobody measured, for pages to be tried on: one as from a GPU beside
 * peers, one as from the emulator. {@link #main} writes them.
 */
final class Examples {
  static final Path FOLDER = Path.of("src/test/resources/bench");

  private static final double COPY = 3.0e12;
  private static final Map<String, Double> PEAKS =
      Map.of("F32", 60e12, "TF32", 450e12, "BF16", 800e12);

  /**
   * A variant.
   *
   * @param share of the roofline
   * @param moved bytes beside those that must be
   */
  private record Rung(
      String variant, String change, double share, double moved, long conflicts, boolean chosen) {}

  private static Rung rung(String variant, double share, double moved, long stalls, String change) {
    return new Rung(variant, change, share, moved, stalls, false);
  }

  private static Rung best(String variant, double share, double moved, long stalls, String change) {
    return new Rung(variant, change, share, moved, stalls, true);
  }

  /** One operation on one shape. */
  private record Case(
      String family,
      String what,
      String math,
      String dtype,
      String shape,
      double bytes,
      double flop,
      List<Rung> rungs) {}

  private static final String READ_ONCE = "a row is read once and stays in registers";

  private static final List<Case> CASES = cases();

  private final boolean emulated;
  private final SplittableRandom random = new SplittableRandom(1);

  private Examples(boolean emulated) {
    this.emulated = emulated;
  }

  /** Writes both files. */
  public static void main(String[] args) {
    ResultFile.write(FOLDER.resolve("example-gpu.json"), gpu());
    ResultFile.write(FOLDER.resolve("example-emulator.json"), emulator());
  }

  static Results gpu() {
    return new Examples(false).file("Example GPU (invented figures)");
  }

  static Results emulator() {
    return new Examples(true).file("Example emulated GPU (invented figures)");
  }

  private Results file(String device) {
    Environment environment =
        new Environment(
            "0123456789abcdef0123456789abcdef01234567",
            "25.0.3+9-LTS, Example",
            "Linux 6.12, amd64",
            "Example CPU",
            16,
            8L << 30,
            null,
            null,
            device);
    List<Result> rows = new ArrayList<>();
    for (Case one : CASES) {
      one.rungs().forEach(rung -> rows.add(row(one, rung)));
    }
    return Results.rows(environment, rows).withCeilings(new Ceilings(!emulated, COPY, PEAKS));
  }

  private Result row(Case one, Rung rung) {
    double least = Math.max(one.bytes() / COPY, one.flop() / PEAKS.get(one.math()));
    double us = round(1e6 * least / rung.share() + (emulated ? 0 : 2 * random.nextDouble()));
    double moved = one.bytes() * rung.moved();
    return new Result(
        one.what(),
        rung.variant(),
        "cuda:0",
        one.dtype(),
        one.shape(),
        null,
        emulated ? 1 : 100,
        emulated ? Math.rint(moved) : us,
        emulated ? Math.rint(moved) : round(us * 0.995),
        emulated ? Math.rint(moved) : round(us * 1.012),
        emulated ? "bytes moved" : "us",
        (long) one.bytes(),
        (long) one.flop(),
        round(0.02 + 0.5 * random.nextDouble() * random.nextDouble()),
        emulated ? Map.of() : Map.of("driver", "570.00", "nvrtc", "12.6", "torch", "2.13.0"),
        List.of(),
        rung.chosen() && !emulated ? ratios() : Map.of(),
        facts(one, rung, us, moved));
  }

  private KernelFacts facts(Case one, Rung rung, double us, double moved) {
    return new KernelFacts(
        one.family(),
        one.math(),
        rung.chosen(),
        rung.change(),
        emulated
            ? null
            : new Warm(500, round(us * 0.93), round(us * 0.92), round(us * 0.95), us < 6),
        emulated ? null : true,
        emulated ? traffic(one, rung, moved) : null,
        emulated ? us : null);
  }

  private static Traffic traffic(Case one, Rung rung, double moved) {
    long asked = (long) (0.9 * one.bytes());
    long shared = (long) (one.bytes() * Math.min(rung.moved(), 1.02));
    return new Traffic(
        asked, (long) one.bytes() - asked, (long) moved, shared, shared, rung.conflicts(), 512, 0);
  }

  private Map<String, Result.Ratio> ratios() {
    Map<String, Result.Ratio> ratios = new TreeMap<>();
    ratios.put("PyTorch eager", ratio(1.4, 1.2));
    ratios.put("torch.compile", ratio(0.9, 0.3));
    ratios.put("Triton", ratio(0.85, 0.35));
    return ratios;
  }

  private Result.Ratio ratio(double from, double spread) {
    double median = from + spread * random.nextDouble();
    double width = 0.01 + 0.06 * random.nextDouble();
    return new Result.Ratio(
        round(median), round(median * (1 - width)), round(median * (1 + width)));
  }

  /** Four digits, which are easier to read in a file. */
  private static double round(double value) {
    double scale = Math.pow(10, 3 - Math.floor(Math.log10(value)));
    return Math.rint(value * scale) / scale;
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int width : new int[] {1024, 8192, 32768}) {
      double size = 4096.0 * width;
      String shape = "[4096, " + width + "]";
      double small = width == 1024 ? 0.7 : 1;
      cases.add(
          new Case(
              "softmax",
              "softmax",
              "F32",
              "F32",
              shape,
              8 * size,
              5 * size,
              List.of(
                  rung("naive", 0.08, 8.1, 0, "a thread a row, which it reads three times"),
                  rung("online", 0.61, 1.5, 0, "a block a row: maximum and sum in one reading"),
                  rung("shared", 0.86 * small, 1.0, 96, "what was read stays in shared memory"),
                  best("block", 0.955 * small, 1.0, 0, READ_ONCE))));
      cases.add(
          new Case(
              "softmax",
              "softmax.grad",
              "F32",
              "F32",
              shape,
              12 * size,
              4 * size,
              List.of(
                  rung("naive", 0.07, 8.4, 0, "a thread a row"),
                  best("block", 0.93 * small, 1.0, 0, READ_ONCE))));
      cases.add(
          new Case(
              "norm",
              "layer_norm",
              "F32",
              "F32",
              shape,
              8 * size,
              8 * size,
              List.of(
                  rung("naive", 0.09, 8.1, 0, "a thread a row"),
                  best("held", 0.94 * small, 1.02, 0, READ_ONCE))));
    }
    for (int n : new int[] {512, 4096}) {
      double flop = 2.0 * n * n * n;
      String shape = "[%d, %d] × [%d, %d]".formatted(n, n, n, n);
      double full = n == 512 ? 0.5 : 1;
      cases.add(
          new Case(
              "matmul",
              "matmul",
              "F32",
              "F32",
              shape,
              12.0 * n * n,
              flop,
              List.of(
                  rung("naive", 0.03, 260, 0, "a thread an element"),
                  rung("tiled", 0.14, 17, 0, "tiles in shared memory"),
                  rung("blocked", 0.71 * full, 9.2, 65536, "8 × 8 elements a thread, in registers"),
                  best("warptiled", 0.915 * full, 9.1, 0, "a warp's elements lie together"))));
      cases.add(
          new Case(
              "matmul",
              "matmul",
              "BF16",
              "BF16",
              shape,
              6.0 * n * n,
              flop,
              List.of(
                  rung("naive", 0.004, 260, 0, "a thread an element"),
                  best("mma", 0.58 * full, 9, 0, "tensor cores"))));
    }
    for (String name : List.of("add", "gelu", "exp")) {
      double flop = (name.equals("gelu") ? 12 : 1) * 0x1p26;
      cases.add(
          new Case(
              "elementwise",
              name,
              "F32",
              "F32",
              "[8192, 8192]",
              8 * 0x1p26,
              flop,
              List.of(
                  rung("strided", 0.77, 1, 0, "one element a thread, any strides"),
                  best("dense", 0.972, 1, 0, "16 bytes an access, four in flight"))));
    }
    cases.add(
        new Case(
            "index",
            "embedding",
            "F32",
            "F32",
            "[50257, 768], [8, 1024]",
            5.1e7,
            0,
            List.of(best("rows", 0.89, 1.01, 0, "a warp a row, 16 bytes an access"))));
    cases.add(
        new Case(
            "index",
            "embedding.grad",
            "F32",
            "F32",
            "[8, 1024, 768]",
            1.8e8,
            6.3e6,
            List.of(
                rung("sorted", 0.66, 1.3, 0, "rows are sorted by their index first"),
                best("ordered", 0.8, 1.1, 12, "each row is summed by one warp, in order"))));
    cases.add(
        new Case(
            "optim",
            "adam_w",
            "F32",
            "F32",
            "124 M in 148 tensors",
            3.5e9,
            1.7e9,
            List.of(
                rung("each", 0.71, 1, 0, "a launch a tensor"),
                best("multi", 0.965, 1, 0, "one launch for all tensors"))));
    cases.add(
        new Case(
            "attention",
            "attention",
            "BF16",
            "BF16",
            "[16, 12, 1024, 128] × 3",
            2e8,
            1e11,
            List.of(
                rung("naive", 0.01, 41, 0, "a block a query"),
                best("mma", 0.52, 1.2, 2048, "tiles on tensor cores, softmax online"))));
    return cases;
  }
}
