package org.adjoint.op;

import java.util.List;

/** Every operation there is; a test fails if one is missing. */
public final class OpCatalog {
  private OpCatalog() {}

  /** The specs of all operations, simple ones first. */
  public static List<OpSpec> all() {
    return List.of(
        Add.spec(),
        Sub.spec(),
        Mul.spec(),
        Div.spec(),
        AddScalar.spec(),
        MulScalar.spec(),
        DivScalar.spec(),
        Pow.spec(),
        Exp.spec(),
        Log.spec(),
        Tanh.spec(),
        Sigmoid.spec(),
        Relu.spec(),
        Relu.Gate.spec(),
        Copy.spec(),
        Cast.spec(),
        Reshape.spec(),
        Permute.spec(),
        Expand.spec(),
        Slice.spec(),
        Slice.Embed.spec(),
        Gather.spec(),
        Gather.ScatterAdd.spec(),
        IndexSelect.spec(),
        IndexSelect.Add.spec(),
        Sum.spec(),
        Mean.spec(),
        ArgMax.spec(),
        Softmax.spec(),
        LogSoftmax.spec(),
        CrossEntropy.spec(),
        Mse.spec(),
        MatMul.spec(),
        Conv.spec(),
        Conv.InputGrad.spec(),
        Conv.WeightGrad.spec(),
        MaxPool.spec());
  }
}
