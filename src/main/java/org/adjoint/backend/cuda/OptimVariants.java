package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;

/**
 * The ways to run a step of an optimiser, which {@code optim.cu} describes. Inputs are, parameter
 * by parameter, its state and its gradient; outputs are the states.
 */
public final class OptimVariants {
  /** Parameters of a launch: {@code MOST} of {@code optim.cu}. */
  private static final int MOST = 64;

  /** Accesses to a tensor that a thread makes at most. */
  private static final long ROUNDS = 8;

  private final String entry;
  private final Live numbers;

  private OptimVariants(String entry, Live numbers) {
    this.entry = entry;
    this.numbers = numbers;
  }

  /**
   * The variants of {@code entry}.
   *
   * @param numbers the step's own, as the kernel's struct has them
   */
  public static List<Variant> of(String entry, Live numbers) {
    OptimVariants of = new OptimVariants(entry, numbers);
    return List.of(
        Variant.of("multi", of::runTogether),
        new Variant(
            "vector",
            "parameters from multiples of 16 bytes",
            (in, out) -> areAligned(in) && areAligned(out),
            (gpu, in, out) -> of.runEach(gpu, "_vector", pack(out[0]), in, out)),
        Variant.of("naive", (gpu, in, out) -> of.runEach(gpu, "_naive", 1, in, out)));
  }

  /** Elements of 16 bytes. */
  private static int pack(Operand operand) {
    return 16 / operand.dtype().bytes();
  }

  /** Begins a launch; the step's numbers are its first parameter. */
  private Gpu.Call begin(Gpu gpu, String way, Operand operand) {
    return gpu.call("optim", entry + way, operand.dtype()).live(numbers);
  }

  private void runEach(Gpu gpu, String way, int width, Operand[] in, Operand[] out) {
    for (Parameter p : parameters(gpu, in, out)) {
      begin(gpu, way, out[0]).longs(p.addresses).int64(p.count).each(Math.ceilDiv(p.count, width));
    }
  }

  private void runTogether(Gpu gpu, Operand[] in, Operand[] out) {
    List<Parameter> batch = new ArrayList<>();
    Set<Storage> taken = new HashSet<>();
    for (Parameter p : parameters(gpu, in, out)) {
      // What lies in one storage may overlap: such parameters take their steps one after the other.
      if (batch.size() == MOST || !taken.add(p.storage)) {
        launch(gpu, batch, out[0]);
        batch.clear();
        taken.clear();
        taken.add(p.storage);
      }
      batch.add(p);
    }
    launch(gpu, batch, out[0]);
  }

  private void launch(Gpu gpu, List<Parameter> batch, Operand first) {
    if (batch.isEmpty()) {
      return;
    }
    // Enough blocks for all multiprocessors, and no more than that needs: each looks up its place.
    long round = (long) Gpu.BLOCK * pack(first);
    long total = batch.stream().mapToLong(p -> p.count).sum();
    long wave = round * 8 * gpu.multiprocessors();
    long chunk = round * Math.clamp(total / wave, 1, ROUNDS);
    int addresses = batch.get(0).addresses.length;
    long[] table = new long[MOST * (addresses + 2)];
    long blocks = 0;
    for (int i = 0; i < batch.size(); i++) {
      Parameter p = batch.get(i);
      for (int k = 0; k < addresses; k++) {
        table[k * MOST + i] = p.addresses[k];
      }
      table[addresses * MOST + i] = p.count;
      table[(addresses + 1) * MOST + i] = blocks;
      blocks += Math.ceilDiv(p.count, chunk);
    }
    begin(gpu, "_multi", first)
        .longs(table)
        .int32(batch.size())
        .int64(chunk)
        .grid(blocks)
        .block(Gpu.BLOCK)
        .run();
  }

  /** A parameter that has elements: where its state and its gradient lie, and how many they are. */
  private record Parameter(long[] addresses, long count, Storage storage) {}

  private static List<Parameter> parameters(Gpu gpu, Operand[] in, Operand[] out) {
    int states = out.length / (in.length - out.length);
    List<Parameter> parameters = new ArrayList<>();
    for (int p = 0; p * states < out.length; p++) {
      long[] addresses = new long[states + 1];
      for (int s = 0; s < states; s++) {
        Operand state = out[p * states + s];
        if (!state.equals(in[p * (states + 1) + s])) {
          gpu.copy(in[p * (states + 1) + s], state);
        }
        addresses[s] = CudaStorage.address(state);
      }
      Operand gradient = gpu.contiguous(in[p * (states + 1) + states]);
      addresses[states] = CudaStorage.address(gradient);
      if (gradient.count() > 0) {
        parameters.add(new Parameter(addresses, gradient.count(), out[p * states].storage()));
      }
    }
    return parameters;
  }

  /** Whether each begins at a multiple of 16 bytes, or will do so as a copy. */
  private static boolean areAligned(Operand... operands) {
    for (Operand operand : operands) {
      if (operand.layout().isContiguous() && !Gpu.isAligned(operand)) {
        return false;
      }
    }
    return true;
  }
}
