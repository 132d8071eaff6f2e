package org.adjoint.jmh;

import java.util.concurrent.TimeUnit;
import org.adjoint.bench.host.HostWork;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** JMH's way to the works of {@code ./adjoint bench host}; each JVM does one of them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HostBenchmark {
  /** The work's name. */
  @Param("eager-add")
  public String work;

  private HostWork.Session session;

  @Setup
  public void begin() {
    session = HostWork.named(work).orElseThrow().begin().get();
  }

  @Benchmark
  public Object run() {
    return session.run();
  }

  @TearDown
  public void end() {
    session.close();
  }
}
