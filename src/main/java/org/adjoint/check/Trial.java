package org.adjoint.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * One variant in one {@linkplain Trials case}, which is checked, timed in rounds, and checked
 * again:
 *
 * <pre>{@code
 * trial.check("before");
 * for (int i = 0; i < 5; i++) {
 *   trial.round(20);
 *   peer.round(20);
 * }
 * trial.check("after");
 * Timing timing = trial.timing();
 * }</pre>
 *
 * <p>What has failed a check is launched no more, and has no time.
 */
public final class Trial {
  private static final double WARM_UP = 0.05;

  /** Seconds of a warm sample: long beside what an event takes. */
  private static final double WARM_SAMPLE = 1e-3;

  private static final int MOST_LAUNCHES = 1000;

  /** Elements of inputs up to which an emulated GPU is asked for the gradient of a case. */
  private static final long MOST_EMULATED = 1 << 19;

  /** If queueing takes this share of the time, the device waits for the host. */
  private static final double WAITING = 0.8;

  private final Trials trials;
  private final Variant variant;
  private final Tally tally;
  private final List<Double> cold = new ArrayList<>();
  private @Nullable Spread settled;
  private @Nullable Spread warm;
  private boolean queued;
  private boolean warmedUp;

  Trial(Trials trials, Variant variant) {
    this.trials = trials;
    this.variant = variant;
    tally = new Tally(trials.spec().name(), variant.name());
  }

  /** The variant's name. */
  public String variant() {
    return variant.name();
  }

  /** Whether no check failed so far. */
  public boolean isRight() {
    return tally.failures().isEmpty();
  }

  /**
   * Compares forward and gradient with the reference: on the examples of the spec, once for all the
   * cases of a timer, and on this case, on numbers of their own and into memory full of NaN. An
   * emulated GPU would take minutes for the gradient of a large case, which may be made of many
   * calls: it stands on the examples there.
   *
   * @param when told in messages
   * @return {@link #isRight}
   */
  public boolean check(String when) {
    try {
      tally.take(trials.proof(variant));
      if (isRight()) {
        Example drawn = trials.example();
        trials.poisoned(() ->
            CaseCheck.run(
                trials.spec(),
                trials.device(),
                variant,
                new Example(drawn.label() + " " + when, drawn.op(), drawn.call(), drawn.inputs()),
                trials.dtype(),
                trials.isReal() || trials.elements() <= MOST_EMULATED,
                tally));
      }
    } catch (DeviceComparison.LostDevice _) {
      // What lost it stands in the tally.
    }
    return isRight();
  }

  /**
   * Takes some more cold samples, in seconds, and returns them; none of what is wrong, or on an
   * emulated GPU.
   */
  public List<Double> round(int samples) {
    List<Double> round = new ArrayList<>();
    while (isTimed() && round.size() < samples) {
      round.add(sampleCold());
    }
    cold.addAll(round);
    return round;
  }

  /** Takes cold samples until their median is known, and warm ones. */
  void settle(Duration cap) {
    if (isTimed()) {
      settled = Spread.sample(this::sampleCold, cap);
      cold.addAll(settled.samples());
      sampleWarm(cap);
    }
  }

  /** Takes samples of launches back to back, each long beside what an event takes. */
  void sampleWarm(Duration cap) {
    if (isTimed() && !cold.isEmpty()) {
      double once = new Spread(cold, false).median();
      int many = Math.clamp((long) (WARM_SAMPLE / once), 1, MOST_LAUNCHES);
      warm =
          Spread.sample(
              () -> {
                var sample = trials.clock().time(() -> trials.launch(variant, many));
                queued |= sample.host() > WAITING * sample.device();
                return sample.device() / many;
              },
              cap);
    }
  }

  /** What came out. */
  public Timing timing() {
    boolean good = isRight();
    Spread all = cold.isEmpty() ? null : new Spread(cold, settled != null && settled.settled());
    return new Timing(
        trials.op().name(),
        variant.name(),
        trials.dtype(),
        trials.shapes(),
        trials.bytes(),
        trials.flop(),
        good ? warm : null,
        good ? all : null,
        trials.copyRate(),
        queued,
        tally.worst(),
        trials.isChosen(variant),
        variant.change(),
        good ? trials.counts(variant) : null,
        tally.failures());
  }

  private boolean isTimed() {
    return isRight() && trials.isReal();
  }

  private double sampleCold() {
    if (!warmedUp) {
      warmUp();
      warmedUp = true;
    }
    return trials.clock().timeCold(() -> trials.launch(variant, 1)).device();
  }

  private void warmUp() {
    long start = System.nanoTime();
    do {
      trials.clock().time(() -> trials.launch(variant, 1));
    } while ((System.nanoTime() - start) * 1e-9 < WARM_UP);
  }
}
