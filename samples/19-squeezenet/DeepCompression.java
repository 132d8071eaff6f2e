package org.adjoint.samples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.io.WholeFile;

/**
 * Reads weights as Han, Mao and Dally pack them (Deep compression, 2016): of the weights of a layer
 * only those that are not zero are kept, each as the number of one of 256 values that they share.
 *
 * <pre>
 *   u32 count[layers]            how many weights each layer keeps
 *   then for each layer
 *     f32 codebook[256]          the values; codebook[0] = 0
 *     f32 bias[out]
 *     u8  code[count]            which value
 *     u4  gap[count]             how many zeros come before it; two in a byte, the low one first
 * </pre>
 *
 * <p>All is little-endian. Where more than 15 zeros come together, one of them is kept.
 */
public final class DeepCompression {
  private static final int CODES = 256;

  private DeepCompression() {}

  /**
   * The tensors of {@code file}.
   *
   * @param like the parameters that it is for: of each layer a weight, then a bias, F32, in the
   *     order of the file
   * @return new tensors by the same names
   * @throws IOException in one line, if the file is missing, or is not just that
   */
  public static Map<String, Tensor> read(Path file, Map<String, Tensor> like) throws IOException {
    List<Map.Entry<String, Tensor>> entries = List.copyOf(like.entrySet());
    ByteBuffer bytes = ByteBuffer.wrap(WholeFile.read(file)).order(ByteOrder.LITTLE_ENDIAN);
    int[] counts = counts(file, bytes, entries);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < counts.length; layer++) {
      var weight = entries.get(2 * layer);
      var bias = entries.get(2 * layer + 1);
      float[] codebook = floats(file, bytes, CODES);
      float[] biases = floats(file, bytes, (int) bias.getValue().shape().count());
      float[] weights = new float[(int) weight.getValue().shape().count()];
      int codes = bytes.position();
      int gaps = codes + counts[layer];
      int at = -1;
      for (int i = 0; i < counts[layer]; i++) {
        at += 1 + ((bytes.get(gaps + i / 2) >> (4 * (i % 2))) & 0xf);
        if (at >= weights.length) {
          throw new IOException(
              "%s: byte %d: a place beyond the last of %s %s"
                  .formatted(file, gaps + i / 2, weight.getKey(), weight.getValue().shape()));
        }
        weights[at] = codebook[bytes.get(codes + i) & 0xff];
      }
      bytes.position(gaps + packed(counts[layer]));
      tensors.put(weight.getKey(), Tensor.of(weight.getValue().shape(), weights));
      tensors.put(bias.getKey(), Tensor.of(bias.getValue().shape(), biases));
    }
    return tensors;
  }

  /**
   * How many weights each layer keeps, once the length of the file says that they are all there.
   */
  private static int[] counts(Path file, ByteBuffer bytes, List<Map.Entry<String, Tensor>> entries)
      throws IOException {
    int[] counts = new int[entries.size() / 2];
    if (bytes.remaining() < 4 * counts.length) {
      throw new IOException(
          "%s: %d bytes are too few for %d counts"
              .formatted(file, bytes.remaining(), counts.length));
    }
    long size = 4L * counts.length;
    for (int layer = 0; layer < counts.length; layer++) {
      int count = bytes.getInt();
      Tensor weight = entries.get(2 * layer).getValue();
      if (count < 0 || count > weight.shape().count()) {
        throw new IOException(
            "%s: byte %d: %d weights do not fit into %s %s"
                .formatted(
                    file,
                    4 * layer,
                    Integer.toUnsignedLong(count),
                    entries.get(2 * layer).getKey(),
                    weight.shape()));
      }
      counts[layer] = count;
      long biases = entries.get(2 * layer + 1).getValue().shape().count();
      size += 4 * (CODES + biases) + count + packed(count);
    }
    if (size != bytes.limit()) {
      throw new IOException(
          "%s: %d bytes, but its counts ask for %d".formatted(file, bytes.limit(), size));
    }
    return counts;
  }

  private static int packed(int gaps) {
    return Math.ceilDiv(gaps, 2);
  }

  private static float[] floats(Path file, ByteBuffer bytes, int n) throws IOException {
    float[] floats = new float[n];
    for (int i = 0; i < n; i++) {
      floats[i] = bytes.getFloat();
      if (!Float.isFinite(floats[i])) {
        throw new IOException(
            "%s: byte %d: %s is no weight".formatted(file, bytes.position() - 4, floats[i]));
      }
    }
    return floats;
  }
}
