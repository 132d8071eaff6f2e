package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.adjoint.bench.Bootstrap;
import org.adjoint.bench.Contender.Lost;
import org.adjoint.bench.Interval;
import org.adjoint.bench.Result.Ratio;
import org.adjoint.check.Quantiles;

/**
 * Kernels of ours beside their peers, in turns: each round, everybody takes some cold samples, and
 * the median of them counts, so what the device does meets all alike. A round during which its
 * clock was throttled is taken again. Where the peers fail, ours go on without them.
 */
final class PeerRounds {
  /** Fewer say nothing. */
  static final int FEWEST = 5;

  /** Samples of a turn. */
  private static final int SAMPLES = 20;

  private final TorchPeer torch;
  private final int rounds;
  private final Consumer<String> notes;

  /** Something of ours that takes cold samples, in seconds. */
  @FunctionalInterface
  interface Sampler {
    List<Double> cold(int n);
  }

  private interface Turn {
    List<Double> take() throws Lost;
  }

  /**
   * Prepares rounds.
   *
   * @param rounds of each case, {@value #FEWEST} or more
   */
  PeerRounds(TorchPeer torch, int rounds, Consumer<String> notes) {
    if (rounds < FEWEST) {
      throw new IllegalArgumentException("rounds: " + rounds + " are too few; take " + FEWEST);
    }
    this.torch = torch;
    this.rounds = rounds;
    this.notes = notes;
  }

  /**
   * How many times as fast as each peer each of {@code ours} is, by its name and the peer's; of
   * those that compute what is expected. Of a case that is no one's there is nothing.
   */
  Map<String, Map<String, Ratio>> ratios(PeerCase one, Map<String, Sampler> ours) {
    List<String> peers = torch.load(one);
    Map<String, List<Double>> times = new LinkedHashMap<>();
    try {
      int left = 3 * rounds; // tries
      for (int done = 0; done < rounds && left > 0 && !peers.isEmpty(); left--) {
        Map<String, Double> round = round(one, ours, peers, left);
        if (!wasThrottled(one, peers)) {
          round.forEach((name, t) -> times.computeIfAbsent(name, n -> new ArrayList<>()).add(t));
          done++;
        }
      }
    } finally {
      torch.unload();
    }
    Map<String, Map<String, Ratio>> ratios = new LinkedHashMap<>();
    for (String variant : ours.keySet()) {
      Map<String, Ratio> beside = new LinkedHashMap<>();
      for (String peer : peers) {
        List<Double> own = times.getOrDefault(variant, List.of());
        List<Double> others = times.getOrDefault(peer, List.of());
        if (own.size() >= FEWEST && own.size() == others.size()) {
          beside.put(peer, ratio(own, others));
        }
      }
      ratios.put(variant, beside);
    }
    if (!peers.isEmpty() && times.values().stream().noneMatch(t -> t.size() >= FEWEST)) {
      notes.accept(one + ": no ratios: the clock was throttled nearly all the time");
    }
    return ratios;
  }

  /** A turn for each, beginning with another one each time. */
  private Map<String, Double> round(
      PeerCase one, Map<String, Sampler> ours, List<String> peers, int number) {
    List<Map.Entry<String, Turn>> order = new ArrayList<>();
    ours.forEach((name, sampler) -> order.add(Map.entry(name, () -> sampler.cold(SAMPLES))));
    for (String peer : peers) {
      order.add(Map.entry(peer, () -> torch.cold(peer, SAMPLES)));
    }
    Collections.rotate(order, number);
    Map<String, Double> medians = new LinkedHashMap<>();
    for (Map.Entry<String, Turn> turn : order) {
      try {
        medians.put(turn.getKey(), median(turn.getValue().take()));
      } catch (Lost e) {
        out(one, peers, turn.getKey(), e);
      }
    }
    return medians;
  }

  /** If the process is gone, so are all of its peers; they are named once. */
  private void out(PeerCase one, List<String> peers, String peer, Lost why) {
    if (peers.remove(peer)) {
      notes.accept("%s: %s: %s".formatted(one, peer, why.getMessage()));
    }
    if (!torch.isAlive()) {
      peers.clear();
    }
  }

  private boolean wasThrottled(PeerCase one, List<String> peers) {
    try {
      return !peers.isEmpty() && torch.clock().map(TorchPeer.Clock::isThrottled).orElse(false);
    } catch (Lost e) {
      notes.accept(one + ": " + e.getMessage());
      peers.clear();
      return false;
    }
  }

  private static double median(List<Double> seconds) {
    return Quantiles.median(seconds.stream().mapToDouble(x -> x));
  }

  /** The median over the rounds of the peer's time by ours, and where it lies. */
  private static Ratio ratio(List<Double> own, List<Double> others) {
    double[] quotients = new double[own.size()];
    Arrays.setAll(quotients, i -> others.get(i) / own.get(i));
    Interval interval = Bootstrap.median(quotients);
    double median = Quantiles.median(Arrays.stream(quotients));
    return new Ratio(median, Math.min(median, interval.low()), Math.max(median, interval.high()));
  }
}
