package org.adjoint.autograd;

/** Which inputs and outputs of an operation its backward needs the values of. */
public record Keep(int[] inputs, int[] outputs) {
  /** Shapes are enough. */
  public static final Keep NOTHING = new Keep(new int[0], new int[0]);

  /** The values of the given inputs. */
  public static Keep inputs(int... inputs) {
    return new Keep(inputs, new int[0]);
  }

  /** These, and the values of the given outputs. */
  public Keep andOutputs(int... outputs) {
    return new Keep(inputs, outputs);
  }

  /** The values of the given outputs. */
  public static Keep outputs(int... outputs) {
    return new Keep(new int[0], outputs);
  }
}
