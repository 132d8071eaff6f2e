package org.adjoint.backend.cpu;

import java.util.stream.Stream;
import org.adjoint.backend.cpu.Im2col.Geometry;

/** Sliding windows to test with, and the plain way to walk over them. */
final class Windows {
  private Windows() {}

  /** 1, 2 and 3 dimensions, with every mix of stride, padding and dilation worth a try. */
  static Stream<Geometry> all() {
    return Stream.of(
        window(1, "5", "1", "1", "0", "1"),
        window(2, "9", "3", "1", "0", "1"),
        window(2, "9", "3", "2", "1", "2"),
        window(1, "4", "4", "3", "0", "1"),
        window(3, "7", "2", "3", "1", "3"),
        window(1, "2", "3", "1", "4", "1"),
        window(1, "28 28", "5 5", "1 1", "0 0", "1 1"),
        window(2, "6 51", "3 3", "3 3", "0 0", "1 1"),
        window(1, "5 40", "2 2", "1 2", "1 0", "1 3"),
        window(3, "8 8", "5 5", "1 1", "0 0", "1 1"),
        window(2, "6 7", "3 2", "2 3", "1 0", "1 2"),
        window(2, "7 5", "1 1", "1 1", "0 0", "1 1"),
        window(2, "7 5", "1 1", "2 2", "0 0", "1 1"),
        window(2, "5 5", "3 3", "1 1", "1 1", "1 1"),
        window(1, "9 8", "3 3", "3 3", "0 0", "1 1"),
        window(2, "3 1", "1 3", "1 2", "2 3", "1 2"),
        window(2, "4 5 6", "2 3 2", "1 2 1", "0 1 1", "2 1 1"),
        window(1, "3 3 3", "3 3 3", "1 1 1", "1 1 1", "1 1 1"),
        window(2, "3 2 3 2", "2 1 2 2", "1 1 2 1", "0 1 0 1", "1 1 1 1"));
  }

  private static Geometry window(
      int channels, String input, String kernel, String stride, String padding, String dilation) {
    return new Geometry(
        channels, ints(input), ints(kernel), ints(stride), ints(padding), ints(dilation));
  }

  private static int[] ints(String s) {
    return Stream.of(s.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  /** The flat index in a plane of what a tap sees at a position; −1 in the padding. */
  static int cell(Geometry g, int position, int tap) {
    int cell = 0;
    int step = 1;
    for (int d = g.dimensions() - 1; d >= 0; d--) {
      int o = position % g.output(d);
      int k = tap % g.kernel()[d];
      int i = o * g.stride()[d] - g.padding()[d] + k * g.dilation()[d];
      if (i < 0 || i >= g.input()[d]) {
        return -1;
      }
      cell += i * step;
      step *= g.input()[d];
      position /= g.output(d);
      tap /= g.kernel()[d];
    }
    return cell;
  }
}
