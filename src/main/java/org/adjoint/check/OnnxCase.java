package org.adjoint.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Value;
import org.adjoint.io.onnx.OnnxModel;
import org.adjoint.io.onnx.OnnxReader;
import org.adjoint.io.onnx.UnsupportedFormat;
import org.adjoint.io.onnx.UnsupportedOperation;
import org.jspecify.annotations.Nullable;

/**
 * One of the cases that come with ONNX: a folder with {@code model.onnx}, and beside it folders
 * {@code test_data_set_*} of inputs and the outputs that another program computed from them.
 *
 * <p>Whole numbers and truth values must be equal, and so must be NaNs and infinities. A real
 * number y may differ from the expected one by
 *
 * <pre>64 n u (|y| + max |y|) + 4 v |y|</pre>
 *
 * <p>where max |y| is the largest of its output, n the number of nodes that are computed, v the
 * unit roundoff of the output's dtype, and u that of what it is computed in, F32 or wider. Each
 * node may add an error: sums of k terms in another order differ by about √k u of their largest, so
 * there is room for thousands. The second part lets a number between two of a narrow dtype be
 * rounded to either, twice. Outputs that were written down by hand, with four decimals, may differ
 * by one of the last besides.
 *
 * @param folder of the model
 */
public record OnnxCase(Path folder) {
  private static final double STEPS = 64;
  private static final double DECIMALS = 1e4;
  private static final double LAST_DECIMAL = 1 / DECIMALS;

  /** How a case went. */
  public enum Verdict {
    /** Every output is within its bound. */
    PASS,
    /** An output is not, or the model could not be run. */
    FAIL,
    /** The model says something that Adjoint does not know, or the case is known to be bad. */
    UNSUPPORTED
  }

  /**
   * The result of a case.
   *
   * @param share the largest error as a share of its bound
   * @param remark what failed, or what is not supported; empty for PASS
   */
  public record Outcome(Verdict verdict, double share, String remark) {}

  /** The cases at any depth below {@code root}, in alphabetical order. */
  public static List<OnnxCase> below(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.endsWith("model.onnx"))
          .map(file -> new OnnxCase(file.toAbsolutePath().resolveSibling("")))
          .filter(one -> !one.sets().isEmpty())
          .sorted((a, b) -> a.folder.compareTo(b.folder))
          .toList();
    }
  }

  /** The folder's name. */
  public String name() {
    return String.valueOf(folder.getFileName());
  }

  private List<Path> sets() {
    return list(folder, "test_data_set_", "");
  }

  /** What lies in {@code folder} under such names, by the numbers in them. */
  private static List<Path> list(Path folder, String prefix, String suffix) {
    String[] names = folder.toFile().list((_, n) -> n.startsWith(prefix) && n.endsWith(suffix));
    return Arrays.stream(names == null ? new String[0] : names)
        .sorted((a, b) -> a.length() == b.length() ? a.compareTo(b) : a.length() - b.length())
        .map(folder::resolve)
        .toList();
  }

  /** Runs the model on each set of inputs. */
  public Outcome run() {
    try {
      OnnxModel model = OnnxModel.load(folder.resolve("model.onnx"));
      double worst = 0;
      for (Path set : sets()) {
        try (Scope _ = Scope.open()) {
          worst = Math.max(worst, run(model, set));
        } catch (IllegalArgumentException e) {
          String replaced = OnnxErrata.of(set);
          throw replaced == null ? e : new BadCase(replaced);
        }
      }
      return new Outcome(Verdict.PASS, worst, "");
    } catch (UnsupportedOperation e) {
      return new Outcome(Verdict.UNSUPPORTED, 0, e.operator() + ": " + e.getMessage());
    } catch (UnsupportedFormat e) {
      return new Outcome(Verdict.UNSUPPORTED, 0, "file: " + e.getMessage());
    } catch (BadCase e) {
      return new Outcome(Verdict.UNSUPPORTED, 0, "data: " + e.getMessage());
    } catch (IOException | RuntimeException e) {
      return new Outcome(Verdict.FAIL, 0, "" + e.getMessage());
    }
  }

  private static double run(OnnxModel model, Path set) throws IOException {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<Value> wanted = model.inputs();
    List<Tensor> given = read(set, "input", wanted);
    for (int i = 0; i < given.size(); i++) {
      requireAsTold(wanted.get(i), given.get(i));
      inputs.put(wanted.get(i).name(), given.get(i));
    }
    List<Tensor> expected = read(set, "output", model.outputs());
    List<Map<String, Tensor>> outputs = new ArrayList<>();
    Grad.off(() -> outputs.add(model.run(inputs)));
    List<Tensor> made = List.copyOf(outputs.get(0).values());
    double worst = 0;
    for (int i = 0; i < made.size(); i++) {
      worst = Math.max(worst, share(i, made.get(i), expected.get(i), model.size()));
    }
    return worst;
  }

  /** A case whose data are not of the shape that its own graph says is no test of who runs it. */
  private static void requireAsTold(Value value, Tensor given) {
    List<Dim> dims = value.dims();
    if (dims != null && !fits(dims, given.shape())) {
      throw new BadCase(
          "input '%s' is %s, where the graph says %s"
              .formatted(value.name(), given.shape(), dims.stream().map(Dim::size).toList()));
    }
  }

  private static boolean fits(List<Dim> dims, Shape shape) {
    return dims.size() == shape.rank()
        && IntStream.range(0, dims.size())
            .allMatch(i -> dims.get(i).size() < 0 || dims.get(i).size() == shape.size(i));
  }

  private static final class BadCase extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadCase(String what) {
      super(what);
    }
  }

  /** The tensors of {@code set} that the graph names {@code values}, in its order. */
  private static List<Tensor> read(Path set, String what, List<Value> values) throws IOException {
    List<Path> files = list(set, what + "_", ".pb");
    if (files.size() != values.size()) {
      throw new IllegalArgumentException(
          "the model has %d %ss, the data set %d".formatted(values.size(), what, files.size()));
    }
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      all.add(as(values.get(i).type(), OnnxReader.readConstant(files.get(i))).toTensor());
    }
    return all;
  }

  /** Older cases keep bfloat16 as the bits of whole numbers; the graph tells what they mean. */
  private static Constant as(@Nullable ElementType type, Constant told) {
    return type == ElementType.BFLOAT16 && told.type() == ElementType.UINT16
        ? new Constant(told.name(), type, told.shape(), told.bytes())
        : told;
  }

  /**
   * The largest error of output {@code i} of a model of so many nodes as a share of its bound.
   *
   * @throws IllegalArgumentException if it is above 1, or shape or dtype are not as expected
   */
  public static double share(int i, Tensor made, Tensor expected, int nodes) {
    if (!made.shape().equals(expected.shape()) || made.dtype() != expected.dtype()) {
      throw new IllegalArgumentException(
          "output %d is %s %s, expected %s %s"
              .formatted(i, made.dtype(), made.shape(), expected.dtype(), expected.shape()));
    }
    double[] y = made.to(DType.F64).toDoubles();
    double[] e = expected.to(DType.F64).toDoubles();
    double largest = Arrays.stream(e).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    double written = byHand(expected.dtype(), e) ? LAST_DECIMAL : 0;
    double worst = 0;
    for (int k = 0; k < y.length; k++) {
      double error = Double.compare(y[k] + 0.0, e[k] + 0.0) == 0 ? 0 : Math.abs(y[k] - e[k]);
      double bound = bound(expected.dtype(), nodes, e[k], largest) + written;
      double share = error == 0 ? 0 : error / bound;
      if (!(share <= 1)) {
        throw new IllegalArgumentException(
            "output %d, element %d: %s, expected %s, %.3g of the bound"
                .formatted(i, k, y[k], e[k], share));
      }
      worst = Math.max(worst, share);
    }
    return worst;
  }

  /**
   * Whether all are decimals of four places, and not because they are halves, quarters and so on.
   */
  private static boolean byHand(DType dtype, double... values) {
    boolean plain = true;
    for (double value : values) {
      double rounded = Math.rint(value * DECIMALS) / DECIMALS;
      if (dtype != DType.F32 || !Double.isFinite(value) || (float) rounded != (float) value) {
        return false;
      }
      plain &= value * 64 == Math.rint(value * 64);
    }
    return !plain;
  }

  private static double bound(DType dtype, int nodes, double expected, double largest) {
    if (!dtype.isFloating()) {
      return 0;
    }
    double narrow = dtype.unitRoundoff();
    double inside = Math.min(narrow, DType.F32.unitRoundoff());
    return STEPS * nodes * inside * (Math.abs(expected) + largest)
        + 4 * narrow * Math.abs(expected);
  }
}
