package org.adjoint.samples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.check.OnnxCase;
import org.adjoint.check.OnnxCase.Outcome;
import org.adjoint.check.OnnxCase.Verdict;
import org.adjoint.io.Npy;
import org.adjoint.io.onnx.OnnxModel;
import org.adjoint.io.onnx.OnnxReader;
import org.adjoint.io.onnx.UnsupportedOperation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Models of ONNX: runs one, or the cases that come with the standard. */
@Command(
    name = "onnx",
    description = "run models of ONNX",
    subcommands = {OnnxCommand.RunModel.class, OnnxCommand.Test.class})
final class OnnxCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "say what to do: run or test");
  }

  /** {@code adjoint onnx run}. */
  @Command(name = "run", description = "compute a model's outputs")
  static final class RunModel implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "the file of the model")
    private Path file = Path.of("");

    @Option(
        names = "--inputs",
        arity = "1..*",
        paramLabel = "NAME=FILE",
        description = "a tensor for each input: .npy, or .pb as ONNX's test data have them")
    private Map<String, Path> inputs = new LinkedHashMap<>();

    @Option(
        names = "--outputs",
        required = true,
        paramLabel = "DIR",
        description = "where output_0.npy, output_1.npy, … go; made if it is not there")
    private Path folder = Path.of("");

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      try {
        OnnxModel model = OnnxModel.load(file);
        Map<String, Tensor> given = new LinkedHashMap<>();
        for (Map.Entry<String, Path> input : inputs.entrySet()) {
          given.put(input.getKey(), read(input.getValue()));
        }
        List<Map.Entry<String, Tensor>> made = new ArrayList<>();
        Grad.off(() -> made.addAll(model.run(given).entrySet()));
        Files.createDirectories(folder);
        for (int i = 0; i < made.size(); i++) {
          // Names of values may hold what names of files may not.
          Path to = folder.resolve("output_" + i + ".npy");
          Tensor value = made.get(i).getValue();
          Npy.write(to, value);
          out.printf("%s %s %s %s%n", to, value.dtype(), value.shape(), made.get(i).getKey());
        }
      } catch (IOException | UnsupportedOperation | IllegalArgumentException e) {
        throw new UserError("" + e.getMessage(), e);
      }
      out.flush();
      return 0;
    }

    private static Tensor read(Path file) throws IOException {
      return file.toString().endsWith(".pb")
          ? OnnxReader.readConstant(file).toTensor()
          : Npy.read(file);
    }
  }

  /** {@code adjoint onnx test}. */
  @Command(
      name = "test",
      description = {
        "run the cases below a folder: model.onnx with test_data_set_*",
        "A share is the largest error by its bound."
      })
  static final class Test implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "a folder, with cases at any depth")
    private Path folder = Path.of("");

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
      for (OnnxCase one : cases()) {
        Outcome outcome = one.run();
        counts.merge(outcome.verdict(), 1, Integer::sum);
        String remark =
            outcome.verdict() == Verdict.PASS
                ? "%.2g".formatted(outcome.share())
                : outcome.remark().replaceAll("\\s*\\R\\s*", " ");
        out.printf("%s %s %s%n", outcome.verdict(), one.name(), remark);
        out.flush();
      }
      int failed = counts.getOrDefault(Verdict.FAIL, 0);
      out.printf(
          "%d passed, %d failed, %d unsupported%n",
          counts.getOrDefault(Verdict.PASS, 0),
          failed,
          counts.getOrDefault(Verdict.UNSUPPORTED, 0));
      out.flush();
      return failed == 0 ? 0 : Failures.FAILED;
    }

    private List<OnnxCase> cases() {
      try {
        List<OnnxCase> cases = OnnxCase.below(folder);
        if (cases.isEmpty()) {
          throw new UserError(folder + ": no folder below it holds model.onnx and test_data_set_0");
        }
        return cases;
      } catch (IOException e) {
        throw new UserError(folder + ": cannot be read: " + e.getMessage(), e);
      }
    }
  }
}
