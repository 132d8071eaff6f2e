package org.adjoint.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdjointJobsTest {
  /** What bench/peers/torch_cpu.py answers on PyTorch 2.13: y, then dw and db. */
  private static final List<Double> TORCH_CONV =
      List.of(
          0.3363300317329845,
          -0.18566909432411194,
          0.3859318792819977,
          0.46476197242736816,
          -0.076680988073349,
          33.17512053055319,
          20.35045051574707,
          4.4232177734375,
          12.197986602783203,
          -8.405712127685547,
          57.862898092861876,
          34.604209899902344,
          72.38268280029297,
          -16.153839111328125,
          6.217486381530762);

  /** As above, of LeNet: the loss, and the gradient of the first weight. */
  private static final List<Double> TORCH_LENET =
      List.of(
          2.2956361770629883,
          2.2956361770629883,
          2.2956361770629883,
          2.2956361770629883,
          2.2956361770629883,
          0.001021776894135259,
          0.00027223824872635305,
          -0.0010850836988538504,
          4.155345959588885e-05,
          -5.1779032219201326e-05);

  @Test
  void operandsAreThoseOfThePeers() {
    // By numpy, in torch_cpu.py.
    assertArrayEquals(
        new double[] {0.08839374780654907, 0.20413368940353394, 0.42776286602020264},
        IntStream.range(0, 3).mapToDouble(i -> Fill.at(1, i)).toArray());
    assertEquals(0.3522012233734131, Fill.at(7, 100_000));
  }

  @Test
  void adjointFindsWhatPyTorchFinds() {
    assertAgrees(TORCH_CONV, job("conv-1x28-32").check().get());
    Job lenet = job("lenet-100");
    List<Double> first = lenet.check().get();
    assertAgrees(TORCH_LENET, first.subList(0, TORCH_LENET.size()));
    Object trained = lenet.body().get();
    assertNotNull(trained);
    assertEquals(first, lenet.check().get()); // each check begins anew
  }

  @Test
  void fingerprintsTellResultsApart() {
    float[] a = Fill.floats(1, 1000, 1);
    float[] b = a.clone();
    b[999] += 0.01f;
    List<Double> print = Fingerprint.of(a);
    assertEquals("", Fingerprint.difference(print, Fingerprint.of(a.clone())));
    assertNotEquals("", Fingerprint.difference(print, Fingerprint.of(b)));
    assertNotEquals("", Fingerprint.difference(print, Fingerprint.of(Fill.floats(2, 1000, 1))));
    assertNotEquals("", Fingerprint.difference(print, List.of()));
    assertNotEquals("", Fingerprint.difference(List.of(Double.NaN), List.of(Double.NaN)));
  }

  @Test
  void adjointDoesEveryWorkThatIsLight() {
    Function<String, Integer> calls = name -> job(name).calls();
    assertEquals(1, calls.apply("sgemm-512"));
    assertEquals(100, calls.apply("eager-add-10"));
    assertTrue(AdjointJobs.job("cake").isEmpty());
  }

  private static Job job(String work) {
    return AdjointJobs.job(work).orElseThrow();
  }

  private static void assertAgrees(List<Double> expected, List<Double> found) {
    assertEquals("", Fingerprint.difference(expected, found));
  }
}
