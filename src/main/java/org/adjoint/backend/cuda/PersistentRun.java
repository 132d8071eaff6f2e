package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * All steps of a recurrent network as one launch of {@code recurrent_persistent.cu}, whose blocks
 * keep the weights. It runs where it is named.
 *
 * @param of the network
 * @param most blocks that it may have, if the GPU has as many multiprocessors
 */
record PersistentRun(RecurrentVariants of, int most) {
  private static final String TAKES =
      "F32, up to 64 sequences, H a multiple of 4, weights that fit all blocks' shared memory";

  private static final int STATES_FROM = RecurrentVariants.STATES_FROM;

  private interface Plan {
    @Nullable PersistentGrid of(Operand[] in, Operand[] out);
  }

  private interface Launcher {
    void run(Gpu gpu, PersistentGrid grid, Operand[] in, Operand[] out);
  }

  Variant forward() {
    return variant(
        (in, out) -> grid(in[2], of.gates(), 1, of.sizes().get(0)),
        (gpu, grid, in, out) -> {
          List<Operand> operands = new ArrayList<>(plain(gpu, in[0], in[1], in[2]));
          addStates(gpu, operands, in);
          of.addTwo(operands, out, 0);
          operands.add(out[of.states()]);
          launch(gpu, grid, "_run", !of.reverse(), in[2], of.sizes().get(0), operands);
        });
  }

  Variant backward() {
    return variant(
        (in, out) -> grid(in[0], 1, of.gates(), out[1].shape().size(0)),
        (gpu, grid, in, out) -> {
          List<Operand> operands = new ArrayList<>(plain(gpu, in[0], in[1], in[2]));
          addStates(gpu, operands, in);
          of.addTwo(operands, Arrays.copyOfRange(out, 1, 1 + of.states()), 0);
          operands.add(out[0]);
          operands.add(out[of.alike() ? 0 : 1 + of.states()]);
          launch(gpu, grid, "_run_back", of.reverse(), in[0], out[1].shape().size(0), operands);
        });
  }

  private Variant variant(Plan plan, Launcher launcher) {
    return new Variant(
        "persistent",
        TAKES,
        (in, out) -> out[0].dtype() == DType.F32 && plan.of(in, out) != null,
        (gpu, in, out) -> launcher.run(gpu, Objects.requireNonNull(plan.of(in, out)), in, out));
  }

  /** A grid whose blocks keep weights [columns · units, depth · H]. */
  private @Nullable PersistentGrid grid(Operand weights, long columns, long depth, long sequences) {
    long n = weights.shape().size(1);
    Gpu gpu = CudaBackend.of(weights.storage().device()).gpu();
    return PersistentGrid.of(
        columns,
        n,
        depth * n,
        sequences,
        Math.min(most, gpu.multiprocessors()),
        gpu.sharedPerBlock());
  }

  /** Operands as rows that lie in order, of whole packs. */
  private static List<Operand> plain(Gpu gpu, Operand... operands) {
    List<Operand> plain = new ArrayList<>();
    for (Operand operand : operands) {
      Operand packed = gpu.contiguous(operand);
      if (!Gpu.isAligned(packed)) {
        packed = gpu.scratch(operand.dtype(), operand.shape());
        gpu.copy(operand, packed);
      }
      plain.add(packed);
    }
    return plain;
  }

  private void addStates(Gpu gpu, List<Operand> operands, Operand... in) {
    Operand[] states = Arrays.copyOfRange(in, STATES_FROM, STATES_FROM + of.states());
    of.addTwo(operands, plain(gpu, states).toArray(Operand[]::new), 0);
  }

  private void launch(
      Gpu gpu,
      PersistentGrid grid,
      String entry,
      boolean up,
      Operand weights,
      long sequences,
      List<Operand> operands) {
    List<Long> sizes = of.sizes();
    long steps = sizes.stream().filter(running -> running > 0).count();
    long packed = sizes.stream().mapToLong(running -> running).sum();
    long n = weights.shape().size(1);
    long[] run = {n, grid.units(), grid.rows(), sequences, steps, packed, up ? 1 : 0};
    long[] members = Arrays.copyOf(run, run.length + PersistentGrid.SEQUENCES);
    for (int j = 0; j < sequences; j++) {
      long one = j;
      members[run.length + j] = sizes.stream().filter(running -> running > one).count();
    }
    gpu.call("recurrent_persistent", of.cell() + entry, DType.F32)
        .longs(members)
        .pointers(operands.toArray(Operand[]::new))
        .grid(grid.across(), grid.down(), 1)
        .block(PersistentGrid.THREADS)
        .shared(grid.shared())
        .runTogether();
  }
}
