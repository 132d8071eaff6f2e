package org.adjoint.samples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.adjoint.Device;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.backend.cpu.Simd;
import org.adjoint.backend.cuda.driver.Report;
import org.adjoint.data.Mnist;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what Adjoint finds on this machine: the first thing to look at when something is slow. */
@Command(name = "doctor", description = "show what Adjoint finds on this machine")
final class Doctor implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Runtime runtime = Runtime.getRuntime();
    line(out, "Adjoint", Version.current());
    line(out, "Java", Runtime.version() + ", " + System.getProperty("java.vendor"));
    line(
        out,
        "System",
        "%s %s, %s, %d processors"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch"),
                runtime.availableProcessors()));
    line(out, "Heap", "%,d MB at most".formatted(runtime.maxMemory() >> 20));
    line(out, "Vectors", vectors());
    line(out, "Threads", Integer.toString(Parallel.threads()));
    for (Report.Line found : Report.lines()) {
      line(out, found.what(), found.found());
    }
    line(out, "Device", Device.best() + " is the best here");
    Mnist.Location mnist = Mnist.locate(null);
    line(out, "MNIST", mnist.folder() != null ? mnist.folder().toString() : mnist.message());
    return 0;
  }

  private static void line(PrintWriter out, String what, String found) {
    out.printf("%-8s %s%n", what + ":", found);
  }

  private static String vectors() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? Simd.best().name()
        : "none: the Vector API is off, so loops take one number at a time, and all is several"
            + " times slower; give java --add-modules jdk.incubator.vector";
  }
}
