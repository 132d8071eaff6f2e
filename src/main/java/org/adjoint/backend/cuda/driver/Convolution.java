package org.adjoint.backend.cuda.driver;

import static org.adjoint.backend.cuda.driver.Dnn.check;

import java.util.List;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import org.adjoint.DType;

/**
 * A convolution by cuDNN: y = x * w over packed x [N, C, I…], w [F, C / groups, K…] and y [N, F,
 * O…], with one to three spatial axes, and its two gradients. To be kept and used again, since
 * cuDNN's choice of algorithms takes time; an algorithm is chosen when it is first asked for.
 *
 * <p>Of the algorithms that cuDNN's heuristics propose, the fastest that gives the same bits each
 * time is taken, so that training repeats; only if there is none, the fastest at all, and {@link
 * #deterministic} says so.
 */
public final class Convolution implements AutoCloseable {
  /**
   * What is convolved.
   *
   * @param type F32, F64, BF16 or F16; sums are kept in F32, or F64
   * @param x shape [N, C, I…], no size being 0
   * @param tf32 whether factors of F32 products may be rounded to TF32
   * @param workspace bytes of workspace that an algorithm may ask for
   */
  public record Sizes(
      DType type,
      List<Long> x,
      List<Long> w,
      List<Long> y,
      List<Integer> stride,
      List<Integer> padding,
      List<Integer> dilation,
      int groups,
      boolean tf32,
      long workspace) {}

  /** The three sums of products that a convolution is made of. */
  public enum Direction {
    /** y from x and w. */
    FORWARD,
    /** dx from w and dy. */
    INPUT_GRADIENT,
    /** dw from x and dy. */
    FILTER_GRADIENT
  }

  private final Dnn dnn;
  private final Sizes sizes;
  private final Descriptors as;
  private final ConvolutionPlans plans;
  private final Scalars scalars = new Scalars();

  /** Prepares it. */
  public Convolution(Dnn dnn, Sizes sizes) {
    this.dnn = dnn;
    this.sizes = sizes;
    as = new Descriptors(sizes);
    plans = new ConvolutionPlans(dnn, as, sizes.workspace());
  }

  /** Bytes of workspace that {@code direction} wants. */
  public long workspace(Direction direction) {
    return plans.of(direction).workspace();
  }

  /** Whether {@code direction} gives the same bits each time. */
  public boolean deterministic(Direction direction) {
    return plans.of(direction).deterministic();
  }

  /**
   * Whether {@code direction} goes by transforms of its operands, Winograd's or Fourier's: a NaN
   * then spreads to its neighbours, and integers are not summed exactly.
   */
  public boolean transforms(Direction direction) {
    String name = algorithm(direction);
    return name.contains("WINOGRAD") || name.contains("FFT");
  }

  /** cuDNN's name of the algorithm for {@code direction}. */
  public String algorithm(Direction direction) {
    int number = plans.of(direction).algorithm();
    return switch (direction) {
      case FORWARD -> cudnnConvolutionFwdAlgo.stringFor(number);
      case INPUT_GRADIENT -> cudnnConvolutionBwdDataAlgo.stringFor(number);
      case FILTER_GRADIENT -> cudnnConvolutionBwdFilterAlgo.stringFor(number);
    };
  }

  /** y = x * w + beta · y, by the workspace at {@code workspace}. */
  public void forward(long x, long w, long y, double beta, long workspace) {
    Proposal plan = plans.of(Direction.FORWARD);
    scalars.set(sizes.type(), 1, beta);
    check(
        "cudnnConvolutionForward",
        JCudnn.cudnnConvolutionForward(
            dnn.handle(),
            scalars.alpha(),
            as.x,
            Handles.at(x),
            as.w,
            Handles.at(w),
            as.convolution,
            plan.algorithm(),
            Handles.at(workspace),
            plan.workspace(),
            scalars.beta(),
            as.y,
            Handles.at(y)));
  }

  /** dx from w and dy, + beta · dx, by the workspace at {@code workspace}. */
  public void inputGradient(long w, long dy, long dx, double beta, long workspace) {
    Proposal plan = plans.of(Direction.INPUT_GRADIENT);
    scalars.set(sizes.type(), 1, beta);
    check(
        "cudnnConvolutionBackwardData",
        JCudnn.cudnnConvolutionBackwardData(
            dnn.handle(),
            scalars.alpha(),
            as.w,
            Handles.at(w),
            as.y,
            Handles.at(dy),
            as.convolution,
            plan.algorithm(),
            Handles.at(workspace),
            plan.workspace(),
            scalars.beta(),
            as.x,
            Handles.at(dx)));
  }

  /** dw from x and dy, + beta · dw, by the workspace at {@code workspace}. */
  public void filterGradient(long x, long dy, long dw, double beta, long workspace) {
    Proposal plan = plans.of(Direction.FILTER_GRADIENT);
    scalars.set(sizes.type(), 1, beta);
    check(
        "cudnnConvolutionBackwardFilter",
        JCudnn.cudnnConvolutionBackwardFilter(
            dnn.handle(),
            scalars.alpha(),
            as.x,
            Handles.at(x),
            as.y,
            Handles.at(dy),
            as.convolution,
            plan.algorithm(),
            Handles.at(workspace),
            plan.workspace(),
            scalars.beta(),
            as.w,
            Handles.at(dw)));
  }

  /** y += b [F], for each image and place. */
  public void addBias(long b, long y) {
    scalars.set(sizes.type(), 1, 1);
    check(
        "cudnnAddTensor",
        JCudnn.cudnnAddTensor(
            dnn.handle(),
            scalars.alpha(),
            as.bias,
            Handles.at(b),
            scalars.beta(),
            as.y,
            Handles.at(y)));
  }

  /** db [F] = Σ dy over images and places, + beta · db. */
  public void biasGradient(long dy, long db, double beta) {
    scalars.set(sizes.type(), 1, beta);
    check(
        "cudnnConvolutionBackwardBias",
        JCudnn.cudnnConvolutionBackwardBias(
            dnn.handle(),
            scalars.alpha(),
            as.y,
            Handles.at(dy),
            scalars.beta(),
            as.bias,
            Handles.at(db)));
  }

  @Override
  public void close() {
    dnn.handle();
    as.close();
  }
}
