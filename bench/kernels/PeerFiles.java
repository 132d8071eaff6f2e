package org.adjoint.bench.kernels;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.bench.Contender.Lost;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A case in files, for a process that is not ours: JSON that tells of it, and the bytes of each
 * tensor, row by row, in the machine's order. They lie in a temporary folder until it is closed.
 */
final class PeerFiles implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private @Nullable Path folder;

  /** Writes the inputs, and what is to be done with them; returns the file that tells of it. */
  Path write(PeerCase one) throws IOException {
    clear();
    List<Map<String, Object>> in = new ArrayList<>();
    for (int i = 0; i < one.in().size(); i++) {
      Tensor x = one.in().get(i);
      Path file = file("in", i, "");
      try (Arena arena = Arena.ofConfined();
          FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE)) {
        x.copyTo(channel.map(MapMode.READ_WRITE, 0, x.shape().count() * x.dtype().bytes(), arena));
      }
      in.add(told(x.meta(), file));
    }
    List<Map<String, Object>> out = new ArrayList<>();
    for (int i = 0; i < one.out().size(); i++) {
      out.add(told(one.out().get(i), file("out", i, "")));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("op", Parameters.of(one.kernel()));
    all.put("tf32", one.tf32());
    all.put("inputs", in);
    all.put("outputs", out);
    return Files.writeString(folder().resolve("case.json"), JSON.writeValueAsString(all));
  }

  private static Map<String, Object> told(Meta meta, Path file) {
    return Map.of(
        "file", file.toString(), "dtype", meta.dtype().name(), "shape", meta.shape().toArray());
  }

  private Path file(String kind, int number, String end) throws IOException {
    return folder().resolve(kind + number + end);
  }

  private Path folder() throws IOException {
    if (folder == null) {
      folder = Files.createTempDirectory("adjoint-peers");
    }
    return folder;
  }

  /** The elements of output {@code number} as a peer has written them. */
  double[] read(Meta meta, int number, String peer) throws Lost, IOException {
    Path file = file("out", number, "." + peer);
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file)) {
      if (channel.size() != meta.shape().count() * meta.dtype().bytes()) {
        throw new Lost("%s holds %d bytes of a %s".formatted(file, channel.size(), meta));
      }
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      try (Tensor y = Tensor.of(meta.shape(), meta.dtype(), bytes)) {
        return y.toDoubles();
      }
    }
  }

  /** Deletes the case. */
  void clear() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (folder != null) {
      clear();
      Files.delete(folder);
    }
  }
}
