package org.adjoint.backend.cuda;

import java.lang.foreign.MemorySegment;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.Event;
import org.adjoint.backend.cuda.driver.Pinned;
import org.adjoint.backend.cuda.driver.Stream;

/** Pinned memory that is written and copied from in turn; it grows as it must. */
final class Stage {
  private final Context context;
  private final Event empty;
  private Pinned pinned;

  Stage(Context context) {
    this.context = context;
    empty = Event.sleeper(context);
    pinned = new Pinned(context, 1);
  }

  /** At least {@code bytes}, once the last copy from here has been made. */
  MemorySegment room(long bytes) {
    empty.synchronize();
    if (pinned.bytes() < bytes) {
      pinned.close();
      pinned = new Pinned(context, Allocator.sizeClass(bytes));
    }
    return pinned.segment();
  }

  Pinned pinned() {
    return pinned;
  }

  /** Notes that the copies from here are those queued last. */
  void left(Stream copies) {
    empty.record(copies);
  }
}
