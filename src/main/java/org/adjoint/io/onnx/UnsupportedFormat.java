package org.adjoint.io.onnx;

import java.io.IOException;

/** A file that may well be right, but says what Adjoint has no counterpart of. */
public final class UnsupportedFormat extends IOException {
  private static final long serialVersionUID = 1;

  UnsupportedFormat(String message) {
    super(message);
  }
}
