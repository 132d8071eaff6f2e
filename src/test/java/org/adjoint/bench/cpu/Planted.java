package org.adjoint.bench.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.adjoint.bench.Contender.Lost;

/**
 * This build with each work slower by a tenth, to see whether that is noticed: {@code Planted TRIES
 * WORK…} duels it with this build as it is, so often at each work, and prints each verdict.
 */
final class Planted {
  private static final double SLOWDOWN = 1.1;
  private static final String WORKER = "worker";

  private Planted() {}

  /** {@code args}: how many tries, and the works' names; or that it is to be the slow worker. */
  public static void main(String[] args) throws IOException, Lost {
    if (args[0].equals(WORKER)) {
      PrintStream answers = System.out;
      System.setOut(System.err);
      new Worker(AdjointJobs.versions(), Planted::job)
          .serve(new BufferedReader(new InputStreamReader(System.in, UTF_8)), answers);
      return;
    }
    int tries = Integer.parseInt(args[0]);
    for (String name : List.of(args).subList(1, args.length)) {
      Work work = OutcomeTest.work(name);
      for (int i = 0; i < tries; i++) {
        long begin = System.nanoTime();
        Bouts bouts = duel(Duel.Pace.USUAL).run(work).orElseThrow();
        System.out.printf(
            "%s  %.3f %s  %s  %d pairs, %.0f s%n",
            name,
            bouts.ratio(),
            bouts.interval(),
            bouts.verdict(),
            bouts.bouts().size(),
            (System.nanoTime() - begin) * 1e-9);
      }
    }
  }

  /** Between a slow build and one as it is. */
  static Duel duel(Duel.Pace pace) {
    return new Duel(
        () -> CpuCommand.start("slow", Jvm.worker(Build.here(), Planted.class, List.of(WORKER))),
        () -> CpuCommand.start("usual", Jvm.worker(Build.here(), Worker.class, List.of("adjoint"))),
        pace);
  }

  private static Optional<Job> job(String work) {
    return AdjointJobs.job(work).map(job -> new Job(job.calls(), () -> slowly(job), job.check()));
  }

  private static Object slowly(Job job) {
    long begin = System.nanoTime();
    Object result = job.body().get();
    long end = begin + (long) ((System.nanoTime() - begin) * SLOWDOWN);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return result;
  }
}
