package org.adjoint.backend.cuda.driver;

import java.util.List;
import java.util.function.Predicate;

/**
 * An algorithm that cuDNN proposes for a convolution.
 *
 * @param algorithm its number
 * @param status cuDNN's opinion whether it can be used, 0 for yes
 * @param workspace bytes that it wants
 * @param deterministic whether it gives the same bits each time
 */
record Proposal(int algorithm, int status, long workspace, boolean deterministic) {
  /** The same, since cuDNN knows better now how much it wants. */
  Proposal withWorkspace(long bytes) {
    return new Proposal(algorithm, status, bytes, deterministic);
  }

  /**
   * The first that can be used within {@code workspace} bytes and repeats to the bit; the first
   * that can be used, if none repeats. cuDNN lists the fastest first.
   *
   * @throws CudaException if none can be used
   */
  static Proposal choose(String call, List<Proposal> proposals, long workspace) {
    Predicate<Proposal> usable = p -> p.status == 0 && p.workspace <= workspace;
    return proposals.stream()
        .filter(usable.and(Proposal::deterministic))
        .findFirst()
        .or(() -> proposals.stream().filter(usable).findFirst())
        .orElseThrow(() ->
            new CudaException(
                call,
                "no algorithm",
                "cuDNN proposes %d, none of which works with %,d bytes of workspace"
                    .formatted(proposals.size(), workspace)));
  }
}
