package org.adjoint.samples.common;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a pass over data is, how fast, and the mean loss so far: on a terminal by a bar,
 * elsewhere by a line every few seconds. Either way one line is left at the end.
 *
 * <pre>{@code
 * try (var progress = Progress.start("epoch 1", train.size())) {
 *   for (Batch batch : train) {
 *     progress.step(batch.size(), loss.item());
 *   }
 * }
 * }</pre>
 */
public final class Progress implements AutoCloseable {
  private static final long BETWEEN_LINES = 5_000_000_000L;
  private static final long BETWEEN_LOSSES = 1_000_000_000L;

  private final String task;
  private final long total;
  private final String unit;
  private final PrintWriter out;
  private final LongSupplier clock;
  private final long begin;
  private final @Nullable ProgressBar bar;

  private long done;
  private double lossSum;
  private long lossCount;
  private long lastLine;
  private long lastLoss;
  private boolean closed;

  /** With the clock, in nanoseconds, that a test sets. */
  Progress(
      String task, long total, String unit, PrintWriter out, LongSupplier clock, boolean terminal) {
    this.task = task;
    this.total = total;
    this.unit = unit;
    this.out = out;
    this.clock = clock;
    begin = clock.getAsLong();
    lastLine = begin;
    lastLoss = begin - BETWEEN_LOSSES;
    bar = terminal ? bar(task, total) : null;
  }

  /** Images, on standard output. */
  public static Progress start(String task, long total) {
    return start(task, total, "images", new PrintWriter(System.out, true, System.out.charset()));
  }

  /** Whatever {@code unit} names in the plural, its lines to {@code out}. */
  public static Progress start(String task, long total, String unit, PrintWriter out) {
    return new Progress(task, total, unit, out, System::nanoTime, onTerminal());
  }

  @SuppressWarnings("SystemConsoleNull") // it is, where input or output is piped
  private static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private static ProgressBar bar(String task, long total) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .hideEta()
        .setConsumer(new Line())
        .clearDisplayOnFinish()
        .build();
  }

  /** A bar that ends without a line break: what is printed next takes its place. */
  private static final class Line extends ConsoleProgressBarConsumer {
    Line() {
      super(System.err);
    }

    @Override
    public void close() {
      clear();
    }
  }

  /** {@code n} more are done, with this mean loss. */
  public void step(long n, double loss) {
    lossSum += n * loss;
    lossCount += n;
    step(n);
  }

  /**
   * {@code n} more are done. For the mean loss of all of them it is asked at the end, and now and
   * then: on a GPU, to ask is to wait.
   */
  public void step(long n, DoubleSupplier mean) {
    long now = clock.getAsLong();
    if (now - lastLoss >= BETWEEN_LOSSES || done + n >= total) {
      lastLoss = now;
      lossCount = done + n;
      lossSum = mean.getAsDouble() * lossCount;
    }
    step(n);
  }

  /** {@code n} more are done. */
  public void step(long n) {
    done += n;
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(figures());
    } else if (clock.getAsLong() - lastLine >= BETWEEN_LINES) {
      lastLine = clock.getAsLong();
      print();
    }
  }

  /** The mean of the losses so far; NaN before the first. */
  public double meanLoss() {
    return lossSum / lossCount;
  }

  /** The seconds since the start. */
  public double seconds() {
    return (clock.getAsLong() - begin) / 1e9;
  }

  /** Ends the display with a line of what was reached. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (bar != null) {
        bar.close();
      }
      print();
    }
  }

  private void print() {
    out.println("%s: %d/%d, %s".formatted(task, done, total, figures()));
    out.flush();
  }

  private String figures() {
    double seconds = seconds();
    String speed = seconds > 0 ? String.format(Locale.ROOT, "%,.0f", done / seconds) : "?";
    String loss = lossCount == 0 ? "" : String.format(Locale.ROOT, ", loss %.4f", meanLoss());
    return speed + " " + unit + "/s" + loss;
  }
}
