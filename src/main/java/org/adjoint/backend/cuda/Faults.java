package org.adjoint.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.Stream;

/**
 * A note on the device of the first index that was out of range: {@code struct Fault} of {@code
 * fault.cuh}. A kernel writes it, and the next time that values are read it becomes an exception.
 */
final class Faults {
  private static final int LONGS = 4;

  private final Stream stream;
  private final long address;
  private final List<String> names = new ArrayList<>();
  private boolean watched;

  Faults(Context context, Stream stream) {
    this.stream = stream;
    address = context.allocate(LONGS * Long.BYTES);
    stream.fill(address, (byte) 0, LONGS * Long.BYTES);
  }

  /** Where the note is; whoever asks is going to launch what may write it. */
  long address() {
    watch();
    return address;
  }

  /** From now on there may be a note. */
  void watch() {
    watched = true;
  }

  /** The number, above 0, by which a note names a kernel. */
  int number(String name) {
    int at = names.indexOf(name);
    if (at < 0) {
      names.add(name);
      at = names.size() - 1;
    }
    return at + 1;
  }

  /**
   * Waits for all that is queued.
   *
   * @throws IndexOutOfBoundsException if a kernel noted an index that is out of range
   * @throws IllegalArgumentException if it noted an index that must not occur twice
   */
  void check() {
    if (!watched) {
      return;
    }
    long[] note = new long[LONGS];
    stream.downloadNow(address, MemorySegment.ofArray(note));
    watched = false;
    if (note[0] != 0) {
      stream.fill(address, (byte) 0, LONGS * Long.BYTES);
      if (note[3] < 0) {
        throw new IllegalArgumentException(
            names.get((int) note[0] - 1)
                + ": index "
                + note[1]
                + " at element "
                + note[2]
                + " is there twice; to add up, use Gather.ScatterAdd");
      }
      throw new IndexOutOfBoundsException(
          names.get((int) note[0] - 1)
              + ": index "
              + note[1]
              + " at element "
              + note[2]
              + " lies outside 0 to "
              + (note[3] - 1));
    }
  }
}
