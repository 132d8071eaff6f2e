package org.adjoint.samples.data;

import java.io.IOException;
import java.nio.file.Path;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.data.Augment;
import org.adjoint.data.Mnist;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.cli.UserError;

/**
 * Handwritten digits as tensors: MNIST where it is found, drawn ones else. Pixels are shifted and
 * scaled by the mean and the standard deviation of the training set, unless one asks for shades.
 *
 * @param name what they are, for people
 * @param trainImages [N, 1, 28, 28]
 * @param trainLabels [N]
 * @param testImages [M, 1, 28, 28]
 * @param testLabels [M]
 */
public record Digits(
    String name, Tensor trainImages, Tensor trainLabels, Tensor testImages, Tensor testLabels) {

  /**
   * Looks for MNIST where the options say, then in the usual places; draws digits if it is nowhere.
   *
   * @throws UserError if {@code --data} names a folder without MNIST, if a file is damaged, or if
   *     digits are to be drawn by a Java without java.desktop
   */
  public static Digits load(RunOptions options) {
    return load(options, false);
  }

  /** As {@link #load}, with pixels from 0, which is paper, to 1, which is ink. */
  public static Digits shades(RunOptions options) {
    return load(options, true);
  }

  private static Digits load(RunOptions options, boolean shades) {
    Mnist.Location location = Mnist.locate(options.data().orElse(null));
    if (location.askedInVain()) {
      throw new UserError(location.message());
    }
    Path folder = location.folder();
    if (folder == null) {
      if (ModuleLayer.boot().findModule("java.desktop").isEmpty()) {
        throw new UserError(
            location.message() + "; and this Java has no java.desktop to draw digits with");
      }
      System.out.println(location.message() + "; training on drawn digits instead");
      return of("drawn digits", DrawnDigits.draw(options.seed()), shades);
    }
    try {
      return of("MNIST", Mnist.load(folder), shades);
    } catch (IOException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The first {@code most} to learn from, and as many to be tested on; all where there are fewer.
   */
  public Digits first(long most) {
    long train = Math.min(most, trainLabels.size(0));
    long test = Math.min(most, testLabels.size(0));
    return new Digits(
        name,
        trainImages.slice(0, 0, train),
        trainLabels.slice(0, 0, train),
        testImages.slice(0, 0, test),
        testLabels.slice(0, 0, test));
  }

  /** The same digits on {@code device}: there is room for them on any GPU. */
  public Digits to(Device device) {
    return new Digits(
        name,
        trainImages.to(device),
        trainLabels.to(device),
        testImages.to(device),
        testLabels.to(device));
  }

  /** Moves digits by up to so many pixels; what comes in is paper, which is not at 0 here. */
  public Augment moved(int most) {
    Augment shift = Augment.shift(most);
    double paper = trainImages.min().item();
    return (images, random) -> shift.apply(images.sub(paper), random).add(paper);
  }

  private static Digits of(String name, Mnist digits, boolean shades) {
    if (shades) {
      return of(name, digits, 0, 255);
    }
    double sum = 0;
    double squares = 0;
    for (byte pixel : digits.trainImages()) {
      int value = pixel & 0xff;
      sum += value;
      squares += value * value;
    }
    double n = digits.trainImages().length;
    double mean = sum / n;
    return of(name, digits, mean, Math.sqrt(squares / n - mean * mean));
  }

  private static Digits of(String name, Mnist digits, double mean, double deviation) {
    return new Digits(
        name,
        images(digits.trainImages(), mean, deviation),
        labels(digits.trainLabels()),
        images(digits.testImages(), mean, deviation),
        labels(digits.testLabels()));
  }

  private static Tensor images(byte[] pixels, double mean, double deviation) {
    float[] scaled = new float[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      scaled[i] = (float) (((pixels[i] & 0xff) - mean) / deviation);
    }
    return Tensor.of(Shape.of(pixels.length / Mnist.PIXELS, 1, Mnist.SIDE, Mnist.SIDE), scaled);
  }

  private static Tensor labels(byte[] classes) {
    long[] labels = new long[classes.length];
    for (int i = 0; i < classes.length; i++) {
      labels[i] = classes[i];
    }
    return Tensor.of(labels);
  }
}
