package org.adjoint.backend.cuda.driver;

import static org.adjoint.backend.cuda.driver.Dnn.check;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.adjoint.DType;

/** A convolution's operands as cuDNN wants them described. */
final class Descriptors implements AutoCloseable {
  /** cuDNN knows no fewer spatial axes; one alone gets a companion of size 1. */
  private static final int FEWEST = 2;

  final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
  final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
  final cudnnTensorDescriptor bias = new cudnnTensorDescriptor();
  final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
  final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();

  Descriptors(Convolution.Sizes sizes) {
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(x));
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(y));
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(bias));
    check("cudnnCreateFilterDescriptor", JCudnn.cudnnCreateFilterDescriptor(w));
    check("cudnnCreateConvolutionDescriptor", JCudnn.cudnnCreateConvolutionDescriptor(convolution));
    int type = type(sizes.type());
    setTensor(x, type, shape(sizes.x()));
    setTensor(y, type, shape(sizes.y()));
    int[] perFilter = new int[shape(sizes.y()).length];
    java.util.Arrays.fill(perFilter, 1);
    perFilter[1] = shape(sizes.y())[1];
    setTensor(bias, type, perFilter);
    int[] filters = shape(sizes.w());
    check(
        "cudnnSetFilterNdDescriptor",
        JCudnn.cudnnSetFilterNdDescriptor(
            w, type, cudnnTensorFormat.CUDNN_TENSOR_NCHW, filters.length, filters));
    setConvolution(sizes);
  }

  private static void setTensor(cudnnTensorDescriptor tensor, int type, int[] shape) {
    int[] strides = new int[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = size(stride);
      stride *= shape[i];
    }
    check(
        "cudnnSetTensorNdDescriptor",
        JCudnn.cudnnSetTensorNdDescriptor(tensor, type, shape.length, shape, strides));
  }

  private void setConvolution(Convolution.Sizes sizes) {
    int axes = Math.max(FEWEST, sizes.x().size() - 2);
    int sums =
        sizes.type() == DType.F64
            ? cudnnDataType.CUDNN_DATA_DOUBLE
            : cudnnDataType.CUDNN_DATA_FLOAT;
    check(
        "cudnnSetConvolutionNdDescriptor",
        JCudnn.cudnnSetConvolutionNdDescriptor(
            convolution,
            axes,
            perAxis(sizes.padding(), axes, 0),
            perAxis(sizes.stride(), axes, 1),
            perAxis(sizes.dilation(), axes, 1),
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            sums));
    check(
        "cudnnSetConvolutionGroupCount",
        JCudnn.cudnnSetConvolutionGroupCount(convolution, sizes.groups()));
    check(
        "cudnnSetConvolutionMathType",
        JCudnn.cudnnSetConvolutionMathType(convolution, math(sizes)));
  }

  /**
   * By default "Tensor Core TF32 operation is permitted"; FMA is "restricted to only kernels that
   * use FMA instructions" (cuDNN API, cudnnMathType_t), and so keeps F32 from being rounded.
   */
  private static int math(Convolution.Sizes sizes) {
    return switch (sizes.type()) {
      case BF16, F16 -> cudnnMathType.CUDNN_TENSOR_OP_MATH;
      case F32 -> sizes.tf32() ? cudnnMathType.CUDNN_DEFAULT_MATH : cudnnMathType.CUDNN_FMA_MATH;
      default -> cudnnMathType.CUDNN_DEFAULT_MATH;
    };
  }

  private static int type(DType type) {
    return switch (type) {
      case F64 -> cudnnDataType.CUDNN_DATA_DOUBLE;
      case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
      case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
      case F16 -> cudnnDataType.CUDNN_DATA_HALF;
      default ->
          throw new IllegalArgumentException("convolution: cuDNN convolves nothing of " + type);
    };
  }

  /** A shape, with the companions of a single spatial axis before it. */
  private static int[] shape(List<Long> sizes) {
    List<Long> shape = new ArrayList<>(sizes);
    shape.addAll(2, Collections.nCopies(Math.max(0, FEWEST + 2 - sizes.size()), 1L));
    return shape.stream().mapToInt(Descriptors::size).toArray();
  }

  private static int[] perAxis(List<Integer> numbers, int axes, int otherwise) {
    List<Integer> all = new ArrayList<>(Collections.nCopies(axes - numbers.size(), otherwise));
    all.addAll(numbers);
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int size(long size) {
    if (size < 1 || size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "convolution: a size of %d; cuDNN counts from 1 to %d"
              .formatted(size, Integer.MAX_VALUE));
    }
    return (int) size;
  }

  @Override
  public void close() {
    check(
        "cudnnDestroyConvolutionDescriptor", JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
    check("cudnnDestroyFilterDescriptor", JCudnn.cudnnDestroyFilterDescriptor(w));
    check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(bias));
    check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(y));
    check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(x));
  }
}
