package org.adjoint.backend.cuda.driver;

import java.util.List;

/** A library of NVIDIA's that is bound at run time. */
public enum Library {
  /** The driver. */
  CUDA("driver"),
  /** Matrix products: JCublas wants that of CUDA 12; that of CUDA 13 is called without it. */
  BLAS("cuBLAS"),
  /** Convolutions. */
  DNN("cuDNN");

  private final String title;

  Library(String title) {
    this.title = title;
  }

  /** As it is called in messages. */
  public String title() {
    return title;
  }

  /** The names of its file, the preferred one first. */
  public List<String> files() {
    return switch (this) {
      case CUDA -> List.of("libcuda.so.1");
      case BLAS -> List.of("libcublas.so.12", "libcublas.so.13");
      case DNN -> List.of("libcudnn.so.9");
    };
  }
}
