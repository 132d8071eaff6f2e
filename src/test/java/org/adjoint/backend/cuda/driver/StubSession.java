package org.adjoint.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;

/** What {@link StubDriverTest} runs in JVMs whose driver is a stub; prints what happened. */
final class StubSession {
  private StubSession() {}

  public static void main(String[] args) throws InterruptedException {
    switch (args[0]) {
      case "problem" -> System.out.println(Driver.problem());
      case "report" -> Report.lines().forEach(l -> System.out.println(l.what() + ": " + l.found()));
      case "best" -> System.out.println(Device.best());
      case "device" -> complain(() -> Context.of(1));
      case "errors" -> errors();
      case "shared" -> shared();
      case "threads" -> threads();
      case "blas" -> blas();
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void complain(Runnable call) {
    try {
      call.run();
      System.out.println("no complaint");
    } catch (RuntimeException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static KernelFunction kernel(Context context) {
    return new KernelModule(context, "probe", new byte[16]).function("saxpy_f32");
  }

  private static void errors() {
    Context context = Context.of(0);
    Stream stream = new Stream(context);
    KernelFunction kernel = kernel(context);
    Launch launch = new Launch();
    complain(() -> context.allocate(1L << 40));
    complain(() -> kernel.module().function("absent"));
    complain(() -> launch.on(stream));
    complain(() -> launch.of(kernel).grid(0));
    complain(() -> launch.of(kernel).grid(1, 65_536, 1));
    complain(() -> launch.of(kernel).grid(1L << 31));
    complain(() -> launch.of(kernel).block(1025));
    complain(() -> launch.of(kernel).block(1, 1, 65));
    complain(() -> launch.of(kernel).block(1 << 16, 1 << 16, 1));
    complain(() -> launch.of(kernel).shared(-1));
    complain(() -> launch.of(kernel).shared(232_448));
    complain(() -> launch.of(kernel).struct().int32(1).on(stream));
    complain(stream::synchronize);
    complain(() -> stream.uploadNow(MemorySegment.ofArray(new int[1]).asReadOnly(), 0));
  }

  private static void blas() {
    try (BlasChecks checks = new BlasChecks(new Stream(Context.of(0)))) {
      System.out.println(checks.blas().version());
      checks.products(DType.F32, DType.F64, DType.BF16);
      checks.edges();
      checks.blas().allowTf32(true);
      System.out.println("products are right");
      complain(() -> checks.blas().workspace(4096, 1 << 20));
    }
  }

  /** Above 48 KiB less its own 128 bytes a kernel must opt in, and once is enough. */
  private static void shared() {
    Context context = Context.of(0);
    Stream stream = new Stream(context);
    KernelFunction kernel = kernel(context);
    Launch launch = new Launch();
    for (int bytes : new int[] {1024, 49_024, 49_025, 100_000, 60_000, 232_320}) {
      System.out.println("launch with " + bytes);
      launch.of(kernel).shared(bytes).on(stream);
    }
  }

  /** The context is set once per thread, and before each call of a virtual one. */
  private static void threads() throws InterruptedException {
    Context context = Context.of(0);
    Stream stream = new Stream(context);
    for (Thread.Builder builder : Arrays.asList(null, Thread.ofPlatform(), Thread.ofVirtual())) {
      System.out.println(builder == null ? "main" : builder.getClass().getSimpleName());
      Runnable work =
          () -> {
            stream.synchronize();
            stream.synchronize();
          };
      if (builder == null) {
        work.run();
      } else {
        builder.start(work).join();
      }
    }
  }
}
