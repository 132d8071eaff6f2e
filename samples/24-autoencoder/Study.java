package org.adjoint.samples;

import java.util.function.Function;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Layer;
import org.adjoint.optim.Adam;
import org.adjoint.optim.Schedule;
import org.adjoint.samples.common.Progress;

/**
 * How to learn: by Adam, at a rate that falls to nothing along half a cosine, so that the last
 * steps are small.
 *
 * @param epochs passes over what is learned from
 * @param rate the first step's
 */
record Study(int epochs, double rate) {
  /** Makes {@code loss} of the loader's batches small by changing the model's parameters. */
  void learn(String name, Layer model, Loader loader, Function<Batch, Tensor> loss) {
    if (epochs == 0) {
      return;
    }
    Adam adam = new Adam(model, rate);
    Schedule schedule = Schedule.cosine(rate, (long) epochs * loader.batches(), 0);
    long step = 0;
    try (Progress progress = Progress.start(name, (long) epochs * loader.examples())) {
      for (int epoch = 0; epoch < epochs; epoch++) {
        for (Batch batch : loader) {
          try (batch;
              Scope _ = Scope.open()) {
            Tensor lost = loss.apply(batch);
            adam.zeroGrad();
            lost.backward();
            adam.rate(schedule.rate(step++));
            adam.step();
            progress.step(batch.inputs().size(0), lost.item());
          }
        }
      }
    }
  }
}
