package org.adjoint.backend.cuda.driver;

import java.util.List;

/** A library of NVIDIA's that is bound at run time. */
public enum Library {
  /** The driver. */
  CUDA("driver", List.of("libcuda.so.1")),
  /** Matrix products: JCublas wants that of CUDA 12; that of CUDA 13 is called without it. */
  BLAS("cuBLAS", List.of("libcublas.so.12", "libcublas.so.13")),
  /** Convolutions. */
  DNN("cuDNN", List.of("libcudnn.so.9"));

  private final String title;
  private final List<String> files;

  Library(String title, List<String> files) {
    this.title = title;
    this.files = files;
  }

  /** As it is called in messages. */
  public String title() {
    return title;
  }

  /** The names of its file, the preferred one first. */
  public List<String> files() {
    return files;
  }
}
