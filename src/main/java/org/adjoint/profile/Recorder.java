package org.adjoint.profile;

import java.util.List;
import org.adjoint.Span;
import org.adjoint.SpanLog;
import org.adjoint.backend.cuda.Timeline;
import org.jspecify.annotations.Nullable;

/** Notes what a thread computes, and the kernels that it queues for that, step by step. */
class Recorder extends SpanLog {
  private @Nullable Timeline timeline;

  /** Begins a step. */
  void start(String name) {
    if (timeline == null) {
      timeline = Timeline.start();
    }
    begin(name);
  }

  /** Begins what will be forgotten. */
  void rehearse() {
    begin("rehearsal");
  }

  /** Ends the step; what it queued on a GPU is a part of it, and waited for. */
  void finish() {
    if (timeline != null && !timeline.isEmpty()) {
      try (Span _ = Span.open(Span.Part.DATA, "wait for the GPU")) {
        timeline.synchronize();
      }
    }
    end();
  }

  /** Forgets the step that was begun last, whether it is open or not. */
  void forget() {
    drop();
  }

  /** What was noted; the profile ends with it. */
  Profile profile(double usual) {
    List<Timeline.Kernel> kernels = timeline == null ? List.of() : timeline.kernels();
    return new Profile(List.copyOf(spans()), kernels, overhead(), isCutShort(), usual);
  }

  /** Notes no kernels until the next {@link #start}; those that were noted are forgotten. */
  void restart() {
    if (timeline != null) {
      timeline.close();
      timeline = null;
    }
  }

  @Override
  public void close() {
    restart();
    super.close();
  }
}
