package org.adjoint;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long tensors live: those made on a thread while a scope is open join it and are closed with
 * it, except those that are {@linkplain #keep kept}. Scopes nest. Without one, tensors live as any
 * Java object does.
 *
 * <pre>{@code
 * try (var step = Scope.open()) {
 *   Tensor loss = model.forward(x).crossEntropy(labels);
 *   loss.backward();       // gradients belong to the parameters, not to the step
 *   optimizer.step();
 * }                          // everything else is given back here
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private final @Nullable Scope outer;
  private final Thread thread;
  private final List<Tensor> tensors = new ArrayList<>();
  private boolean closed;

  private Scope(@Nullable Scope outer) {
    this.outer = outer;
    this.thread = Thread.currentThread();
  }

  /** Opens a scope on this thread, inside the one that is open there, if any. */
  public static Scope open() {
    Scope scope = new Scope(CURRENT.get());
    CURRENT.set(scope);
    return scope;
  }

  static @Nullable Scope current() {
    return CURRENT.get();
  }

  /**
   * Moves {@code tensor} to the next scope outward, or out of all scopes, and returns it.
   *
   * @throws IllegalArgumentException if it does not live in this scope
   */
  public Tensor keep(Tensor tensor) {
    if (tensor.scope() != this) {
      throw new IllegalArgumentException(
          "keep: " + tensor.describe() + " does not live in this scope");
    }
    tensor.moveTo(outer);
    return tensor;
  }

  void add(Tensor tensor) {
    if (closed) {
      throw new IllegalStateException("scope: it is closed");
    }
    tensors.add(tensor);
  }

  /**
   * Closes every tensor that lives here.
   *
   * @throws IllegalStateException if a scope inside it is still open, or on another thread
   */
  @Override
  @SuppressWarnings("ReferenceEquality") // it is about this very scope
  public void close() {
    if (closed) {
      return;
    }
    if (Thread.currentThread() != thread || CURRENT.get() != this) {
      throw new IllegalStateException(
          Thread.currentThread() == thread
              ? "scope: close the scope inside it first"
              : "scope: it belongs to thread " + thread.getName());
    }
    closed = true;
    CURRENT.set(outer);
    String where = tensors.isEmpty() ? "" : "its scope, at " + CallSite.ofUser();
    for (Tensor tensor : tensors) {
      // A tensor that moved out is still listed; its own scope says where it lives.
      if (tensor.scope() == this) {
        tensor.close(where);
      }
    }
    tensors.clear();
  }
}
