package org.adjoint.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Tensor;

/**
 * A safetensors file: named tensors, and remarks on them.
 *
 * <pre>
 *   8 bytes     length of the header, little-endian
 *   header      {"__metadata__": {"name": "text"},
 *                "0.weight": {"dtype": "F32", "shape": [10, 784], "data_offsets": [0, 31360]}}
 *   elements    row-major, little-endian; the offsets count from here, without holes or overlaps
 * </pre>
 *
 * <p>I8, I16 and U16 are read as I32, U32 as I64; dtypes that Adjoint has not are refused.
 *
 * @param tensors by name, in the order of the header
 * @param metadata remarks by name
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  /** Tensors without remarks. */
  public Safetensors(Map<String, Tensor> tensors) {
    this(tensors, Map.of());
  }

  /**
   * Reads a whole file; its tensors join the innermost scope.
   *
   * @throws IOException in one line, with the file and what is wrong: if it is missing, not
   *     safetensors, damaged, of another dtype than ours, or larger than half the heap
   */
  public static Safetensors read(Path file) throws IOException {
    try (Source source = Source.of(file)) {
      SafetensorsHeader header = SafetensorsHeader.read(source);
      // In the order of the file, one after the other; then in the order of the header.
      List<SafetensorsHeader.Entry> entries = new ArrayList<>(header.entries());
      entries.sort(Comparator.comparingLong(SafetensorsHeader.Entry::begin));
      Map<String, Tensor> read = new HashMap<>();
      for (SafetensorsHeader.Entry e : entries) {
        var raw = source.take(e.end() - e.begin(), "tensor " + Quoted.of(e.name()));
        read.put(e.name(), e.encoding().decode(e.shape(), raw, LITTLE_ENDIAN));
      }
      source.end();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      header.entries().forEach(e -> tensors.put(e.name(), read.get(e.name())));
      return new Safetensors(tensors, header.metadata());
    }
  }

  /**
   * Writes a file, or replaces it, in one piece.
   *
   * @throws IllegalArgumentException for a name that no file can hold
   * @throws IOException if the disk does not take it; the old file is then as it was
   */
  public void write(Path file) throws IOException {
    WholeFile.write(file, this::write);
  }

  /** Writes what would stand in a file; {@code out} stays open. */
  public void write(OutputStream out) throws IOException {
    byte[] header = SafetensorsHeader.of(this).getBytes(UTF_8);
    out.write(ByteBuffer.allocate(8).order(LITTLE_ENDIAN).putLong(header.length).array());
    out.write(header);
    for (Tensor tensor : tensors.values()) {
      WholeFile.write(out, Encoding.encode(tensor, LITTLE_ENDIAN));
    }
  }
}
