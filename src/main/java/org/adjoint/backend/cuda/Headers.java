package org.adjoint.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The headers of {@code src/main/cuda}, which kernels of one's own may include: those of the source
 * tree or the distribution that the program runs from, else those that the jar has.
 */
final class Headers {
  /** All there are: a jar cannot be asked. */
  static final List<String> NAMES =
      List.of(
          "attention.cuh",
          "attention_gradient.cuh",
          "attention_tensor.cuh",
          "attention_tile.cuh",
          "channel_sums.cuh",
          "channels.cuh",
          "common.cuh",
          "divide.cuh",
          "edges.cuh",
          "elementwise.cuh",
          "fault.cuh",
          "live.cuh",
          "matmul.cuh",
          "nll.cuh",
          "norm.cuh",
          "number.cuh",
          "online.cuh",
          "order.cuh",
          "parts.cuh",
          "philox.cuh",
          "places.cuh",
          "pool.cuh",
          "radix.cuh",
          "reading.cuh",
          "recurrent_cells.cuh",
          "recurrent_product.cuh",
          "rows.cuh",
          "softmax.cuh",
          "strict.cuh",
          "tensor_tile.cuh",
          "tensorcore.cuh",
          "walk.cuh",
          "window.cuh");

  private static final String RESOURCES = "org/adjoint/cuda/";

  private Headers() {}

  /** The folder that they are in. */
  static Path folder(KernelCache cache) {
    Path tree = Path.of(System.getProperty("adjoint.home", ""), "src/main/cuda").toAbsolutePath();
    return Files.isRegularFile(tree.resolve(NAMES.getFirst())) ? tree : unpacked(cache);
  }

  /** The jar's, where a compiler finds them. */
  static Path unpacked(KernelCache cache) {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    StringBuilder all = new StringBuilder();
    for (String name : NAMES) {
      byte[] content = read(name);
      contents.put(name, content);
      all.append(KernelCache.key(new String(content, StandardCharsets.UTF_8)));
    }
    String key = "headers-" + KernelCache.key(all);
    Path folder = cache.folder().resolve(key);
    contents.forEach((name, content) -> {
      if (!Files.isRegularFile(folder.resolve(name))) {
        cache.put(key + "/" + name, content);
      }
    });
    return folder;
  }

  private static byte[] read(String name) {
    try (InputStream in = Headers.class.getClassLoader().getResourceAsStream(RESOURCES + name)) {
      if (in == null) {
        throw new IllegalStateException("cuda: the jar has no " + RESOURCES + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
