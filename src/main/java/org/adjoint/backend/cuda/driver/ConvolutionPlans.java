package org.adjoint.backend.cuda.driver;

import static org.adjoint.backend.cuda.driver.Dnn.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import org.adjoint.backend.cuda.driver.Convolution.Direction;

/** Which of cuDNN's algorithms a convolution goes by; asked for once per direction. */
final class ConvolutionPlans {
  /** cuDNN has 8 algorithms of a kind at most, some of them in two ways. */
  private static final int MOST = 16;

  private static final int DETERMINISTIC = 1;

  private final Dnn dnn;
  private final Descriptors as;
  private final long workspace;
  private final Map<Direction, Proposal> plans = new EnumMap<>(Direction.class);

  /** Plans that want {@code workspace} bytes at most. */
  ConvolutionPlans(Dnn dnn, Descriptors as, long workspace) {
    this.dnn = dnn;
    this.as = as;
    this.workspace = workspace;
  }

  /** The algorithm for {@code direction}, and the workspace that it wants. */
  Proposal of(Direction direction) {
    return plans.computeIfAbsent(
        direction,
        asked ->
            switch (asked) {
              case FORWARD -> forward();
              case INPUT_GRADIENT -> inputGradient();
              case FILTER_GRADIENT -> filterGradient();
            });
  }

  private Proposal forward() {
    String call = "cudnnGetConvolutionForwardAlgorithm_v7";
    int[] count = new int[1];
    var found = new cudnnConvolutionFwdAlgoPerf[MOST];
    check(
        call,
        JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
            dnn.handle(), as.x, as.w, as.convolution, as.y, MOST, count, found));
    List<Proposal> proposals = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      var p = found[i];
      proposals.add(new Proposal(p.algo, p.status, p.memory, p.determinism == DETERMINISTIC));
    }
    Proposal chosen = Proposal.choose(call, proposals, workspace);
    long[] bytes = new long[1];
    check(
        "cudnnGetConvolutionForwardWorkspaceSize",
        JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
            dnn.handle(), as.x, as.w, as.convolution, as.y, chosen.algorithm(), bytes));
    return chosen.withWorkspace(bytes[0]);
  }

  private Proposal inputGradient() {
    String call = "cudnnGetConvolutionBackwardDataAlgorithm_v7";
    int[] count = new int[1];
    var found = new cudnnConvolutionBwdDataAlgoPerf[MOST];
    check(
        call,
        JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
            dnn.handle(), as.w, as.y, as.convolution, as.x, MOST, count, found));
    List<Proposal> proposals = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      var p = found[i];
      proposals.add(new Proposal(p.algo, p.status, p.memory, p.determinism == DETERMINISTIC));
    }
    Proposal chosen = Proposal.choose(call, proposals, workspace);
    long[] bytes = new long[1];
    check(
        "cudnnGetConvolutionBackwardDataWorkspaceSize",
        JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
            dnn.handle(), as.w, as.y, as.convolution, as.x, chosen.algorithm(), bytes));
    return chosen.withWorkspace(bytes[0]);
  }

  private Proposal filterGradient() {
    String call = "cudnnGetConvolutionBackwardFilterAlgorithm_v7";
    int[] count = new int[1];
    var found = new cudnnConvolutionBwdFilterAlgoPerf[MOST];
    check(
        call,
        JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
            dnn.handle(), as.x, as.y, as.convolution, as.w, MOST, count, found));
    List<Proposal> proposals = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      var p = found[i];
      proposals.add(new Proposal(p.algo, p.status, p.memory, p.determinism == DETERMINISTIC));
    }
    Proposal chosen = Proposal.choose(call, proposals, workspace);
    long[] bytes = new long[1];
    check(
        "cudnnGetConvolutionBackwardFilterWorkspaceSize",
        JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
            dnn.handle(), as.x, as.y, as.convolution, as.w, chosen.algorithm(), bytes));
    return chosen.withWorkspace(bytes[0]);
  }
}
