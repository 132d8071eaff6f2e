package org.adjoint.backend;

/** Elements on their way from the CPU to a device; either awaited or closed. */
public interface Arrival extends AutoCloseable {
  /**
   * The storages, one for each operand that was sent. What is computed from now on finds the
   * elements there; the caller holds the storages.
   */
  Storage[] await();

  /** Gives them back, if they were not awaited. */
  @Override
  void close();
}
