package org.adjoint.backend.cuda.driver;

/** cuDNN: its convolutions. */
public final class Dnn implements AutoCloseable {
  /**
   * cuDNN for work on {@code stream}.
   *
   * @throws UnsupportedOperationException if cuDNN is not found
   */
  public Dnn(Stream stream) {
    throw new UnsupportedOperationException();
  }

  /** As in {@code 9.24.0}. */
  public String version() {
    throw new UnsupportedOperationException();
  }

  /** Prepares a convolution; its plan is to be kept and used again. */
  public Convolution convolution(Convolution.Sizes sizes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
