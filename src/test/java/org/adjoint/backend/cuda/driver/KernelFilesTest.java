package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelFilesTest {
  @TempDir Path folder;

  @Test
  void aFolderOfKernels() throws IOException {
    Files.write(folder.resolve("softmax.fatbin"), new byte[] {1, 2});
    Files.write(folder.resolve("matmul.fatbin"), new byte[] {3});
    Files.writeString(
        folder.resolve("index.properties"), "nvcc=13.0\ntargets=sm_80 compute_80\nkernels.x=1\n");
    KernelFiles kernels = new KernelFiles(folder);
    assertEquals(List.of("matmul", "softmax"), kernels.families());
    assertArrayEquals(new byte[] {1, 2}, kernels.read("softmax"));
    assertEquals("2 families by nvcc 13.0 for sm_80 compute_80 in " + folder, kernels.report());
  }

  @Test
  void anEmptyFolder() {
    KernelFiles kernels = new KernelFiles(folder);
    String remedy =
        "; build with nvcc, add the jar with the classifier kernels, or name a folder by"
            + " -Dadjoint.kernels";
    assertEquals("none in " + folder + remedy, kernels.report());
    assertEquals(
        "cuda: no kernels for softmax: there is no softmax.fatbin in " + folder + remedy,
        assertThrows(UnsupportedOperationException.class, () -> kernels.read("softmax"))
            .getMessage());
    assertEquals("", kernels.problem(12000));
  }

  @Test
  void kernelsOfANewerCudaThanTheDrivers() throws IOException {
    Files.writeString(folder.resolve("index.properties"), "nvcc=13.0\n");
    KernelFiles kernels = new KernelFiles(folder);
    assertEquals(
        "the kernels were made by nvcc 13.0, and the driver knows CUDA up to 12.4: install a newer"
            + " driver, or build them by an older nvcc",
        kernels.problem(12040));
    assertEquals("", kernels.problem(13000));
  }
}
