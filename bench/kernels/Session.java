package org.adjoint.bench.kernels;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.adjoint.Device;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.samples.cli.Devices;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where and how kernels are timed, and a run of that. */
final class Session {
  private static final int FAILED = 1;

  /** How often what has been measured so far is kept. */
  private static final long OFTEN = 10_000_000_000L;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cuda",
      description = "cuda, or emulator, which counts instead of timing; default ${DEFAULT-VALUE}")
  private String device = "cuda";

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "how long samples are taken at most, cold and warm each; default 1")
  private double seconds = 1;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = {
        "time in N processes at a time, or with 0 in this one, up to the first kernel that dies;",
        "by default 1, and on the emulator as many as there are processors"
      })
  private @Nullable Integer jobs;

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "a variant that takes longer, in all its cases, has failed; default 600")
  private long limit = 600;

  @Option(
      names = "--within",
      paramLabel = "SECONDS",
      description = "begin no further variant after so long, and say how many are left")
  private @Nullable Double within;

  @Option(
      names = "--peers",
      description = "also time PyTorch and Triton, in turns with the variant that runs by itself")
  private boolean peers;

  @Option(
      names = "--python",
      paramLabel = "COMMAND",
      defaultValue = "${env:ADJOINT_PYTHON:-python3}",
      description = "the Python that has PyTorch; default: ADJOINT_PYTHON, or python3")
  private String python = "python3";

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "write the results here; until all are there, those there are to FILE.part")
  private @Nullable Path json;

  private long kept = System.nanoTime();

  /**
   * What a run came to.
   *
   * @param ceilings null if nothing was timed
   */
  record Outcome(
      List<Result> rows, List<String> failures, @Nullable Ceilings ceilings, Device device) {
    /** The exit status. */
    int status() {
      return failures.isEmpty() ? 0 : FAILED;
    }
  }

  private static Results results(Device device, List<Result> rows) {
    return Results.rows(Environment.here().withDevice(CudaBackend.of(device).toString()), rows);
  }

  /** Checks that the file can be written, so that a run does not find out at its end. */
  void requireWritable() {
    if (json != null) {
      ResultFile.requireWritable(json);
    }
  }

  /**
   * Times what is selected, and writes the file of results if one is wanted.
   *
   * @throws UserError if the selection means nothing, or the device cannot be used
   */
  Outcome run(Selection selection, PrintWriter out) {
    Outcome outcome = timed(selection, out);
    if (json != null && !outcome.rows().isEmpty()) {
      Results all = results(outcome.device(), outcome.rows()).withCeilings(outcome.ceilings());
      ResultFile.write(json, all);
      ResultFile.discard(part(json));
    }
    return outcome;
  }

  private static Path part(Path file) {
    return file.resolveSibling(file.getFileName() + ".part");
  }

  /** Keeps the rows so far, now and then, for who is stopped. */
  private void keep(KernelTable table, Device there) {
    boolean due = System.nanoTime() - kept > OFTEN;
    if (json != null && due && !table.rows().isEmpty()) {
      kept = System.nanoTime();
      ResultFile.write(part(json), results(there, table.rows()));
    }
  }

  private void requireSensibleOptions() {
    if (!(seconds > 0 && seconds <= 600) || limit < 1 || (jobs != null && jobs < 0)) {
      throw new UserError("--seconds must be above 0, --limit at least 1, --jobs at least 0");
    }
    if (within != null && !(within > 0)) {
      throw new UserError("--within is " + within + "; it takes seconds");
    }
  }

  private Device gpu() {
    Device there = Devices.open(device);
    if (there.equals(Device.CPU)) {
      throw new UserError("kernels run on a GPU: --device cuda or emulator");
    }
    return there;
  }

  private Outcome timed(Selection selection, PrintWriter out) {
    requireSensibleOptions();
    boolean counts = Devices.isEmulator(device);
    List<Unit> units = selection.units(counts);
    Device there = gpu();
    if (peers && counts) {
      out.println("peers: not asked, since an emulated GPU has no times to set beside theirs");
      peers = false;
    }
    long start = System.nanoTime();
    KernelTable table = new KernelTable(units, counts, out);
    KernelRun run =
        new KernelRun(
            units,
            within == null ? null : Duration.ofNanos((long) (1e9 * within)),
            KernelWorker.arguments(device, seconds, pythonOfPeers(), selection),
            table,
            () -> keep(table, there));
    List<String> lost = new ArrayList<>();
    int processes = jobs != null ? jobs : counts ? Runtime.getRuntime().availableProcessors() : 1;
    if (processes == 0) {
      try (CaseTimer timer = new CaseTimer(device, seconds, pythonOfPeers(), out::println)) {
        run.here(timer);
        if (timer.isLost()) {
          lost.add("the device is lost to this process; --jobs 1 gives the next variant a new one");
        }
        out.println(timer.note());
      }
    } else {
      run.inProcesses(Math.min(processes, units.size()), Duration.ofSeconds(limit));
    }
    table.foot(
        device,
        (System.nanoTime() - start) * 1e-9,
        lost.isEmpty() ? "for want of time" : "for want of the device");
    lost.forEach(out::println);
    lost.addAll(0, table.failures());
    return new Outcome(table.rows(), lost, run.ceilings(), there);
  }

  /** The Python that has peers; empty if they are not wanted. */
  private String pythonOfPeers() {
    return peers ? python : "";
  }
}
