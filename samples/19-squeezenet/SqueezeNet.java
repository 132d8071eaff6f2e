package org.adjoint.samples;

import java.io.IOException;
import java.nio.file.Path;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.nn.Conv;
import org.adjoint.nn.GlobalAvgPool;
import org.adjoint.nn.Layer;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.op.MaxPool;
import org.adjoint.op.Sliding;

/**
 * SqueezeNet 1.0 (Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters,
 * 2016): 1,248,424 parameters that sort a photograph into 1,000 classes. Dropout, which it has
 * before its last convolution, is for training; here it is left out.
 */
public final class SqueezeNet implements Layer {
  /** Height and width of the images that it was trained on. */
  public static final int SIDE = 227;

  /** The mean of the training images' blue, green and red. */
  private static final float[] MEAN = {104, 117, 123};

  private final Sequential layers;

  /**
   * Few channels are squeezed out of many, and expanded again by filters of two sizes, whose
   * channels are put side by side: [N, in, H, W] to [N, 2·expand, H, W].
   */
  private static final class Fire implements Layer {
    private final Conv squeeze;
    private final Conv expand1;
    private final Conv expand3;

    Fire(int in, int squeezed, int expanded, Philox random) {
      squeeze = new Conv(in, squeezed, 1, random);
      expand1 = new Conv(squeezed, expanded, 1, random);
      expand3 = conv(squeezed, expanded, 3, Sliding.over(2).withPadding(1), random);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor few = squeeze.forward(x).relu();
      return Tensor.concat(1, expand1.forward(few).relu(), expand3.forward(few).relu());
    }
  }

  /** The network with random weights. */
  SqueezeNet(Philox random) {
    Layer pool = x -> MaxPool.of(x, Sliding.over(2).withStride(2), true, 3, 3);
    layers =
        new Sequential(
            conv(3, 96, 7, Sliding.over(2).withStride(2), random), // [N, 3, 227, 227] → 96, 111²
            new Relu(),
            pool, // → 96, 55²
            new Fire(96, 16, 64, random),
            new Fire(128, 16, 64, random),
            new Fire(128, 32, 128, random), // → 256, 55²
            pool, // → 256, 27²
            new Fire(256, 32, 128, random),
            new Fire(256, 48, 192, random),
            new Fire(384, 48, 192, random),
            new Fire(384, 64, 256, random), // → 512, 27²
            pool, // → 512, 13²
            new Fire(512, 64, 256, random),
            conv(512, 1000, 1, Sliding.over(2).withPadding(1), random), // → 1000, 15²
            new Relu(),
            new GlobalAvgPool()); // → [N, 1000]
  }

  private static Conv conv(int in, int out, int kernel, Sliding sliding, Philox random) {
    return new Conv(in, out, new int[] {kernel, kernel}, sliding, 1, random);
  }

  /**
   * The network with the weights of a file.
   *
   * @throws IOException in one line, if the file is missing or unsound
   */
  public static SqueezeNet read(Path file) throws IOException {
    SqueezeNet net = new SqueezeNet(new Philox(0));
    net.load(DeepCompression.read(file, net.parameters()));
    return net;
  }

  /**
   * What the network takes for a photograph: its mean is subtracted, and blue comes first.
   *
   * @param photograph [N, 3, 227, 227], red, green and blue from 0 to 255
   */
  public static Tensor prepare(Tensor photograph) {
    return photograph.flip(1).sub(Tensor.of(MEAN).reshape(3, 1, 1));
  }

  /** A score of each class: [N, 3, 227, 227], {@linkplain #prepare prepared}, to [N, 1000]. */
  @Override
  public Tensor forward(Tensor x) {
    return layers.forward(x);
  }
}
