package org.adjoint.samples;

import org.adjoint.Device;
import org.adjoint.Tensor;
import org.adjoint.data.Mnist;
import org.adjoint.data.Pca;

/** Principal components as an autoencoder: of all linear ones, the best on what it has seen. */
record PcaCoder(Pca pca) implements Autoencoder {
  /** The first components of images [N, 1, 28, 28], as many as the largest d that is wanted. */
  static Pca fit(Tensor images, int components) {
    return Pca.fit(images.flatten(1).to(Device.CPU), components).to(images.device());
  }

  /** With the first d components. */
  static PcaCoder of(Pca pca, int d) {
    return new PcaCoder(
        new Pca(
            pca.mean(),
            pca.components().slice(0, 0, d).contiguous(),
            pca.variances().slice(0, 0, d).contiguous()));
  }

  @Override
  public Tensor encode(Tensor images) {
    return pca.transform(images.flatten(1));
  }

  @Override
  public Tensor decode(Tensor codes) {
    return pca.inverse(codes).reshape(codes.size(0), 1, Mnist.SIDE, Mnist.SIDE);
  }
}
