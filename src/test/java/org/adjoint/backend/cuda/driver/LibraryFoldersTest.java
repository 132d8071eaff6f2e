package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where libraries are looked for, on a machine that is made up. */
class LibraryFoldersTest {
  @TempDir Path temporary;

  private Path root;

  @BeforeEach
  void realPath() throws IOException {
    root = temporary.toRealPath();
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  private List<String> usual(Map<String, String> environment) {
    return new LibraryFolders(root, environment)
        .usual().stream().map(folder -> root.relativize(folder).toString()).toList();
  }

  @Test
  void anEmptyMachineHasNone() {
    assertEquals(List.of(), usual(Map.of()));
  }

  @Test
  void driversThenToolkitsTheNewestFirst() throws IOException {
    folder("usr/lib/wsl/lib");
    folder("usr/local/cuda-12.4/lib64");
    folder("usr/local/cuda-13.0/lib64");
    folder("usr/local/cuda-13.0/targets/x86_64-linux/lib");
    folder("usr/local/lib");
    folder("opt/toolkit/lib64");
    assertEquals(
        List.of(
            "usr/lib",
            "usr/lib/wsl/lib",
            "opt/toolkit/lib64",
            "usr/local/cuda-13.0/lib64",
            "usr/local/cuda-13.0/targets/x86_64-linux/lib",
            "usr/local/cuda-12.4/lib64"),
        usual(Map.of("CUDA_HOME", root.resolve("opt/toolkit").toString())));
  }

  @Test
  void aVirtualEnvironmentComesBeforeThePythonOnThePath() throws IOException {
    folder("venv/lib/python3.13/site-packages/nvidia/cudnn/lib");
    folder("venv/lib/python3.13/site-packages/nvidia/cu13/lib");
    folder("venv/lib/python3.13/site-packages/nvidia/cu13/include");
    folder("usr/lib/python3/dist-packages/nvidia/cublas/lib");
    folder("usr/local/lib/python3.11/dist-packages/nvidia/cublas/lib");
    folder("home/.local/lib/python3.11/site-packages/nvidia/cublas/lib");
    Files.createFile(folder("usr/bin").resolve("python3.11")).toFile().setExecutable(true);
    Files.createSymbolicLink(root.resolve("usr/bin/python3"), Path.of("python3.11"));
    assertEquals(
        List.of(
            "usr/lib",
            "venv/lib/python3.13/site-packages/nvidia/cu13/lib",
            "venv/lib/python3.13/site-packages/nvidia/cudnn/lib",
            "usr/lib/python3/dist-packages/nvidia/cublas/lib",
            "usr/local/lib/python3.11/dist-packages/nvidia/cublas/lib",
            "home/.local/lib/python3.11/site-packages/nvidia/cublas/lib"),
        usual(
            Map.of(
                "VIRTUAL_ENV",
                root.resolve("venv").toString(),
                "PATH",
                String.join(File.pathSeparator, "", "/nowhere", root.resolve("usr/bin").toString()),
                "HOME",
                root.resolve("home").toString())));
  }

  @Test
  void linksToPythonAreFollowed() throws IOException {
    folder("opt/python/lib/python3.12/site-packages/nvidia/cudnn/lib");
    Path python = folder("opt/python/bin").resolve("python3");
    Files.createFile(python).toFile().setExecutable(true);
    Files.createSymbolicLink(folder("bin").resolve("python3"), python);
    assertEquals(
        List.of("opt/python/lib/python3.12/site-packages/nvidia/cudnn/lib"),
        usual(Map.of("PATH", root.resolve("bin").toString())));
  }

  @Test
  void chosenFoldersAreSeparatedAsInAPath() {
    assertEquals(List.of(), LibraryFolders.chosen(null));
    assertEquals(
        List.of(Path.of("/a"), Path.of("b")),
        LibraryFolders.chosen("/a" + File.pathSeparator + "b" + File.pathSeparator));
  }

  @Test
  void theProblemIsOneLine() {
    assertEquals(
        "no cuBLAS found (libcublas.so.12 or libcublas.so.13), neither by the system's loader nor"
            + " in 3 folders more; -Dadjoint.cuda.libraries=DIR names another",
        Libraries.problem(Library.BLAS, 3, List.of()));
    assertEquals(
        "cuDNN does not load: /a/libcudnn.so.9: file too short",
        Libraries.problem(Library.DNN, 3, List.of("/a/libcudnn.so.9: file too short", "more")));
  }
}
