package org.adjoint.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Cases of ONNX whose expected outputs a later release of ONNX replaced, though the operator and
 * its version stayed: nothing in their models tells which of the two is meant. They are known by
 * the CRC-32 of {@code output_0.pb}.
 */
final class OnnxErrata {
  /** Attention: heads cut across the sequence, or shared heads in another order. */
  private static final Set<Long> OF_1_18 =
      Set.of(
          0x4bcac84cL,
          0xd827782cL,
          0x5adb3cc2L,
          0x7007bd3fL,
          0xb1b11e4aL,
          0xad359766L,
          0x429d723bL,
          0x37652bb5L,
          0xae7ba437L,
          0x89a95a0eL,
          0x03162284L,
          0x9714d781L,
          0x735458e2L,
          0x24bda4e0L,
          0xf7df1068L,
          0x19b7719cL,
          0xfeb55229L,
          0xe30831b8L,
          0x65bdd86fL,
          0x6b067640L,
          0x421b6746L,
          0x637f4647L,
          0xc0037322L,
          0x2dc04d27L);

  /** LpNormalization: NaN where the norm is 0. */
  private static final Set<Long> UNTIL_1_20 = Set.of(0xe0ef853cL);

  private OnnxErrata() {}

  /** What is wrong with a data set; null if nothing is known to be. */
  static @Nullable String of(Path set) throws IOException {
    Path output = set.resolve("output_0.pb");
    if (!Files.exists(output)) {
      return null;
    }
    CRC32 sum = new CRC32();
    sum.update(Files.readAllBytes(output));
    if (OF_1_18.contains(sum.getValue())) {
      return "ONNX 1.19 replaced the expected output: in 1.18 heads are taken in another order";
    }
    return UNTIL_1_20.contains(sum.getValue())
        ? "a later ONNX replaced the expected output: 0, not NaN, where the norm is 0"
        : null;
  }
}
