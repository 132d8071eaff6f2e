package org.adjoint.samples;

import org.adjoint.Device;
import org.adjoint.optim.Schedule;

/**
 * How a network learns.
 *
 * @param epochs passes over the training set
 * @param batch digits per step
 * @param rate the learning rate of the first step; it falls along half a cosine to 0
 * @param seed of the order of the digits, and of how each is moved
 * @param device that computes
 */
record Recipe(int epochs, int batch, double rate, long seed, Device device) {
  /** The share of the last step that is kept. */
  static final double MOMENTUM = 0.9;

  /** The rate at each step, if an epoch has so many. */
  Schedule schedule(int steps) {
    return Schedule.cosine(rate, Math.max(1, (long) epochs * steps), 0);
  }
}
