package org.adjoint.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.data.Loader;
import org.adjoint.data.Pca;
import org.adjoint.nn.Init;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The parts of autoencoders, on images of noise. */
class AutoencoderTest {
  private static Tensor noise(int n) {
    return Tensor.uniform(new Philox(3), 0, 1, n, 1, 28, 28);
  }

  private static Stream<Autoencoder> learners() {
    return Stream.of(
        new LinearAutoencoder(Tensor.zeros(784), 3, new Philox(1)),
        new ConvAutoencoder(3, new Philox(1)));
  }

  @ParameterizedTest
  @MethodSource("learners")
  void imagesBecomeCodesAndImagesAgain(Autoencoder coder) {
    Tensor codes = coder.encode(noise(2));
    assertEquals(Shape.of(2, 3), codes.shape());
    assertEquals(Shape.of(2, 1, 28, 28), coder.decode(codes).shape());
  }

  @ParameterizedTest
  @MethodSource("learners")
  void everyParameterHasAPartInTheLoss(Autoencoder coder) {
    coder.loss(noise(4)).backward();
    coder
        .parameters()
        .forEach((name, parameter) -> {
          Tensor gradient = parameter.grad();
          assertTrue(gradient.abs().max().item() > 0, name);
        });
  }

  @Test
  void theLossIsASumOverPixelsAndAMeanOverImages() {
    Tensor images = noise(Autoencoder.BATCH + 1); // a batch and a short one
    Autoencoder zero = new LinearAutoencoder(Tensor.zeros(784), 1, new Philox(1));
    zero.parameters().values().forEach(p -> Grad.off(() -> p.assign(p.mul(0))));
    double squares = 0;
    for (double x : images.toDoubles()) {
      squares += x * x;
    }
    assertEquals(squares / images.size(0), zero.error(images), 1e-3);
  }

  @Test
  void whatComponentsLoseIsTheVarianceOfTheOthers() {
    Tensor images = noise(6);
    Pca pca = PcaCoder.fit(images, 5);
    double[] variances = pca.variances().toDoubles();
    double others = 0;
    for (int d = 5; d >= 1; d--) {
      // Variances have N − 1 in the denominator, the loss has N.
      assertEquals(others * 5 / 6, PcaCoder.of(pca, d).error(images), 1e-3);
      others += variances[d - 1];
    }
    assertTrue(others > 50, "noise should vary by 784 / 12: " + others);
  }

  /** Images that vary in three directions, by a variance of 9, 4 and 1 in all. */
  @Test
  void aLinearPairDescendsToTheComponents() {
    Philox random = new Philox(5);
    Tensor directions = Init.orthogonal(Tensor.zeros(3, 784), 1, random);
    Tensor spread = Tensor.normal(random, 200, 3).mul(Tensor.of(3f, 2, 1));
    Tensor images = spread.matmul(directions).add(0.5).reshape(200, 1, 28, 28);
    Pca pca = PcaCoder.fit(images, 2);
    for (int d = 1; d <= 2; d++) {
      Autoencoder linear = new LinearAutoencoder(pca.mean(), d, new Philox(1));
      double nothing = linear.error(images);
      Loader loader = Loader.shuffled(images, Tensor.zeros(200), 50, new Philox(2));
      new Study(60, 0.02).learn("test", linear, loader, some -> linear.loss(some.inputs()));
      double least = PcaCoder.of(pca, d).error(images);
      assertTrue(nothing > 2 * least, nothing + " before, at least " + least);
      assertEquals(least, linear.error(images), 0.01 * least);
    }
  }

  @Test
  void theWayBeginsAndEndsAtTheTwoDigits() {
    Tensor images = noise(6);
    var ends = new Interpolation.Ends(images.slice(0, 0, 3), images.slice(0, 3, 6));
    Autoencoder pca = new PcaCoder(PcaCoder.fit(images, 2));
    Autoencoder cnn = new ConvAutoencoder(8, new Philox(1));
    for (Autoencoder coder : List.of(pca, cnn)) {
      equal(coder.forward(ends.from()), ends.between(coder, 0));
      equal(coder.forward(ends.to()), ends.between(coder, 1));
    }
    // Half-way, principal components lay one image upon the other.
    equal(pca.forward(ends.from()).add(pca.forward(ends.to())).div(2), ends.between(pca, 0.5));
  }

  private static void equal(Tensor expected, Tensor actual) {
    assertArrayEquals(expected.toDoubles(), actual.toDoubles(), 1e-5);
  }
}
