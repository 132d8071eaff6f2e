package org.adjoint.data;

import org.adjoint.Device;
import org.adjoint.Tensor;
import org.adjoint.Upload;

/** A batch that waits to be taken, perhaps on its way to a device. */
interface Prepared extends AutoCloseable {
  /** The batch, which lives where the caller's tensors live. Called once. */
  Batch take();

  @Override
  void close();

  /** A batch where it is. */
  static Prepared of(Batch batch) {
    return new Prepared() {
      @Override
      public Batch take() {
        try (batch) {
          Tensor inputs = batch.inputs().detach();
          return new Batch(inputs, isSame(batch) ? inputs : batch.targets().detach());
        }
      }

      @Override
      public void close() {
        batch.close();
      }
    };
  }

  /** A batch that is sent to {@code device}. */
  static Prepared on(Device device, Batch batch) {
    Device here = batch.inputs().device();
    if (here.equals(device) && batch.targets().device().equals(device)) {
      return of(batch);
    }
    if (!here.equals(Device.CPU) || !batch.targets().device().equals(Device.CPU)) {
      throw new IllegalArgumentException(
          "loader: a batch of inputs on %s and targets on %s cannot go to %s; have them on cpu"
              .formatted(here, batch.targets().device(), device));
    }
    Upload upload;
    try (batch) {
      upload =
          isSame(batch)
              ? Upload.of(device, batch.inputs())
              : Upload.of(device, batch.inputs(), batch.targets());
    }
    return new Prepared() {
      @Override
      public Batch take() {
        Tensor[] there = upload.take();
        return new Batch(there[0], there[there.length - 1]);
      }

      @Override
      public void close() {
        upload.close();
      }
    };
  }

  private static boolean isSame(Batch batch) {
    return batch.targets().equals(batch.inputs());
  }
}
