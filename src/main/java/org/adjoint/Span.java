package org.adjoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.adjoint.autograd.Node;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Slot;
import org.adjoint.autograd.View;
import org.adjoint.backend.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a computation that has a name: an operation, the gradient of one, or whatever a
 * program marks for itself.
 *
 * <pre>{@code
 * try (Span _ = Span.open("attention")) {
 *   x = attend(x);
 * }
 * }</pre>
 *
 * <p>While no {@link SpanLog} notes this thread, nothing is noted, and marks cost next to nothing.
 */
public final class Span implements AutoCloseable {
  private static final Span NONE = new Span(null, Part.STEP, "");

  /** Of what a span is a part. */
  public enum Part {
    /** The whole: a step of a training, or all of the work. */
    STEP,
    /** What computes values. */
    FORWARD,
    /** What computes gradients, and whatever is computed for them. */
    BACKWARD,
    /** What changes parameters. */
    UPDATE,
    /** What brings, fills or reads memory. */
    DATA
  }

  private final @Nullable SpanLog log;
  private final Part part;
  private final String name;
  private final @Nullable Span outer;
  private @Nullable Op op;
  private Meta[] in = {};
  private Meta[] out = {};
  private long moved;
  private long node = -1;
  private CallSite.@Nullable Place place;
  private long begin;
  private long end = -1;

  /** Nanoseconds that are not its own: those of the spans in it, and of noting them. */
  long inner;

  /** A span that is about to begin inside the innermost one of {@code log}. */
  Span(@Nullable SpanLog log, Part wanted, String name) {
    this.log = log;
    this.name = name;
    outer = log == null ? null : log.innermost();
    part = outer == null || outer.gives(wanted) ? wanted : outer.part;
  }

  /** What is computed for a gradient, or an update, is a part of that. */
  private boolean gives(Part wanted) {
    return part == Part.STEP || part == Part.FORWARD || wanted == Part.BACKWARD;
  }

  /** Begins one with a name of the program's own; close it on the same thread. */
  public static Span open(String name) {
    return open(Part.FORWARD, name);
  }

  /** Begins one that is a part of something else than the forward computation. */
  public static Span open(Part part, String name) {
    SpanLog log = SpanLog.ofThread();
    return log == null ? NONE : log.open(part, name, _ -> {});
  }

  /** Begins one that fills, copies or reads so many elements. */
  static Span memory(String name, Meta meta, int times) {
    SpanLog log = SpanLog.ofThread();
    return log == null ? NONE : log.open(Part.DATA, name, span -> span.moved = times * bytes(meta));
  }

  /** Begins the gradient of the operation that is {@code node} of the graph. */
  public static Span gradient(String op, long node) {
    SpanLog log = SpanLog.ofThread();
    return log == null ? NONE : log.open(Part.BACKWARD, op, span -> span.node = node);
  }

  /** Begins an operation. */
  static Span of(Op op, Tensor[] in) {
    SpanLog log = SpanLog.ofThread();
    return log == null
        ? NONE
        : log.open(
            Part.FORWARD,
            op.name(),
            span -> {
              span.op = op;
              span.in = metas(in);
            });
  }

  /** Begins a kernel that reads some tensors, and overwrites others. */
  static Span of(Kernel kernel, Tensor[][] changed, Tensor[][] read) {
    SpanLog log = SpanLog.ofThread();
    return log == null
        ? NONE
        : log.open(
            Part.UPDATE,
            kernel.name(),
            span -> {
              span.out = metas(changed);
              span.in = metas(changed, read);
              span.moved = bytes(span.in) + bytes(span.out);
            });
  }

  /** The operation has made {@code tensors}. */
  void made(Tensor... tensors) {
    if (log != null) {
      out = metas(tensors);
      Slot slot = tensors.length == 0 ? null : tensors[0].slot();
      Node made = slot == null ? null : slot.node();
      node = made == null ? node : made.number();
    }
  }

  private static Meta[] metas(Tensor... tensors) {
    return Arrays.stream(tensors).map(Tensor::meta).toArray(Meta[]::new);
  }

  private static Meta[] metas(Tensor[][]... groups) {
    return Arrays.stream(groups)
        .flatMap(Arrays::stream)
        .flatMap(Arrays::stream)
        .map(Tensor::meta)
        .toArray(Meta[]::new);
  }

  private static long bytes(Meta... metas) {
    return Arrays.stream(metas).mapToLong(m -> m.shape().count() * m.dtype().bytes()).sum();
  }

  /** Finds where in the program it is asked for; a gradient's place is that of its operation. */
  void locate() {
    if (part != Part.STEP && part != Part.BACKWARD) {
      place = CallSite.here();
    }
  }

  void begin(long now) {
    begin = now;
  }

  /** Ends it, and whatever was left open in it. */
  @Override
  public void close() {
    if (log != null && end < 0) {
      log.close(this);
    }
  }

  void end(long now) {
    end = now;
  }

  /** What it is a part of. */
  public Part part() {
    return part;
  }

  /** Its name: the operation's, in the gradient of one, too. */
  public String name() {
    return name;
  }

  /** The span in which it lies. */
  public Optional<Span> outer() {
    return Optional.ofNullable(outer);
  }

  /** Whether it is an operation. */
  public boolean isOperation() {
    return op != null;
  }

  /** Whether it is the gradient of an operation; those that this takes lie in it. */
  public boolean isGradient() {
    return op == null && node >= 0;
  }

  /** Whether it is an operation that threw. */
  public boolean hasFailed() {
    return op != null && out.length == 0;
  }

  /** Which node of the graph it made, or is the gradient of; −1 for none. */
  public long node() {
    return node;
  }

  /** When it began, by {@link System#nanoTime}. */
  public long begin() {
    return begin;
  }

  /** When it ended, by {@link System#nanoTime}. */
  public long end() {
    return end;
  }

  /** Nanoseconds from its begin to its end. */
  public long nanos() {
    return end - begin;
  }

  /** Nanoseconds of its own, without the spans in it and without the time that noting them took. */
  public long self() {
    return nanos() - inner;
  }

  /** What went in. */
  public List<Meta> in() {
    return List.of(in);
  }

  /** What came out. */
  public List<Meta> out() {
    return List.of(out);
  }

  /** Bytes that it must move at least; a view moves none. */
  public long bytes() {
    Op ran = op;
    return ran == null ? moved : ran instanceof View || hasFailed() ? 0 : ran.bytes(in, out);
  }

  /** Floating-point operations, where that is known: a multiply-add counts two. */
  public double flop() {
    return op == null || hasFailed() ? 0 : op.flop(in, out);
  }

  /**
   * The line of the program that asked for it, such as {@code Train.java:42}; empty if none did.
   */
  public String site() {
    return place == null ? "" : place.line();
  }

  /** The layers and compositions between that line and this, such as {@code Sequential/Conv}. */
  public String within() {
    return place == null ? "" : place.within();
  }
}
