package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.adjoint.backend.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceTest {
  @ParameterizedTest
  @CsvSource({"cpu, cpu", "cpu:0, cpu", "cuda, cuda:0", "cuda:0, cuda:0", "cuda:3, cuda:3"})
  void devicesAreReadAndWritten(String text, String written) {
    Device device = Device.parse(text);

    assertEquals(written, device.toString());
    assertEquals(device, Device.parse(written));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gpu     | device: 'gpu' is neither cpu nor cuda",
        "CUDA    | device: 'CUDA' is neither cpu nor cuda",
        "''      | device: '' is neither cpu nor cuda",
        "tpu:1   | device: 'tpu' is neither cpu nor cuda",
        "cpu:1   | device: there is no cpu:1",
        "cuda:-1 | device: there is no cuda:-1",
        "cuda:   | device: 'cuda:' is not a device; write cpu or cuda:0",
        "cuda:x  | device: 'cuda:x' is not a device; write cpu or cuda:0",
        "cuda:99999999999 | device: 'cuda:99999999999' is not a device; write cpu or cuda:0"
      })
  void whatIsNoDeviceSaysSo(String text, String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> Device.parse(text)).getMessage());
  }

  @Test
  void aDeviceWithoutBackendSaysSo() {
    UnsupportedOperationException e =
        assertThrows(
            UnsupportedOperationException.class, () -> Backend.of(Device.parse("cuda:99")));

    assertTrue(String.valueOf(e.getMessage()).contains("is not available: "), e.getMessage());
  }

  /** Here no test has made a driver known, and there is none, or one that works. */
  @Test
  void theBestDeviceCanBeUsed() {
    Tensor x = Tensor.ones(3).to(Device.best());

    assertArrayEquals(new double[] {2, 2, 2}, x.add(x).toDoubles());
  }
}
