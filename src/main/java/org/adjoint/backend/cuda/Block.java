package org.adjoint.backend.cuda;

/** Some bytes of the device's memory. */
final class Block {
  private final long address;
  private final long bytes;
  private final boolean ownsMemory;

  /** Where it goes when it is given back. */
  Pool pool;

  /** Whether it was taken for a step while that was being recorded. */
  boolean recorded;

  /**
   * @param ownsMemory whether CUDA gave just these bytes, and can have them back
   */
  Block(long address, long bytes, boolean ownsMemory, Pool pool) {
    this.address = address;
    this.bytes = bytes;
    this.ownsMemory = ownsMemory;
    this.pool = pool;
  }

  long address() {
    return address;
  }

  long bytes() {
    return bytes;
  }

  boolean ownsMemory() {
    return ownsMemory;
  }
}
