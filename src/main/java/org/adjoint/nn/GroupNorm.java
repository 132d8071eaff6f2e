package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * Each example's channels brought to mean 0 and variance 1 in groups, then scaled by a weight [C]
 * and shifted by a bias [C] (Wu, He, Group normalization, 2018).
 */
public final class GroupNorm implements Layer {
  private static final double EPS = 1e-5;

  private final int groups;
  private final Tensor weight;
  private final Tensor bias;

  /**
   * @throws IllegalArgumentException if the channels do not divide into the groups
   */
  public GroupNorm(int groups, long channels) {
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "group_norm: " + channels + " channels do not divide into " + groups + " groups");
    }
    this.groups = groups;
    weight = Tensor.ones(channels).requireGrad();
    bias = Tensor.zeros(channels).requireGrad();
  }

  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.GroupNorm.of(x, groups, weight, bias, EPS);
  }

  @Override
  public String toString() {
    return "GroupNorm(" + groups + ", " + weight.size(0) + ")";
  }
}
