package org.adjoint.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.bench.ResultFile;
import org.adjoint.data.Text;
import org.adjoint.io.onnx.OnnxExport;
import org.adjoint.io.onnx.OnnxWriter;
import org.adjoint.op.Picked;
import org.adjoint.op.Sort;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.data.DataFolder;
import org.adjoint.samples.data.Photograph;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What is in this photograph? A network that others trained on a million images answers, and its
 * fifteen best scores are printed in their order.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019), who asks
 * AlexNet. His loop counts from #0; the slide with its answers begins at #1 and shows twelve. Here
 * they are fifteen, from #0. Each network wants its images as it was trained: his as 0.5 + 0.5 (img
 * − mean) / std, this one as {@link SqueezeNet#prepare} has them.
 *
 * <p>The weights are those of Han's SqueezeNet-Deep-Compression, packed into 0.7 MB: two thirds of
 * them are zero, and the others share 255 values a layer. Nothing fetches them; put {@code
 * compressed_SqueezeNet.net} into the folder {@code pretrained/squeezenet-v1.0-deep-compression} of
 * the data, and the names of ImageNet's classes, a line each, into {@code
 * imagenet-classes/imagenet-classes.txt}.
 */
@Command(name = "squeezenet", description = "a network trained by others says what a picture shows")
public final class TopFifteen implements Callable<Integer> {
  private static final int TOP = 15;
  private static final String FOLDER = "pretrained/squeezenet-v1.0-deep-compression/";
  private static final String WEIGHTS = FOLDER + "compressed_SqueezeNet.net";
  private static final String NAMES = "imagenet-classes/imagenet-classes.txt";
  private static final String IMAGE = FOLDER + "check/109202801_c6381eef15_227.png";

  @Mixin private DeviceOptions run;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "the photograph, as PNG or JPEG; default: one that lies beside the weights")
  private @Nullable Path image;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "write the network as an ONNX model, for any number of photographs")
  private @Nullable Path export;

  @Override
  public Integer call() {
    Lesson.begin(run);
    if (export != null) {
      ResultFile.requireWritable(export);
    }
    Path weights = DataFolder.file(run, WEIGHTS, "weights of SqueezeNet");
    Path classes = DataFolder.file(run, NAMES, "names of the classes");
    Path file = image != null ? image : DataFolder.file(run, IMAGE, "photograph; give --image");
    try {
      SqueezeNet net = SqueezeNet.read(weights);
      List<String> names = Text.read(classes).lines().toList();
      Lesson.require(names.size() == 1000, classes + ": " + names.size() + " lines, not 1000");
      Tensor photograph = Photograph.square(file, SqueezeNet.SIDE);
      System.out.printf(Locale.ROOT, "%s%n%,d parameters%n", file, net.parameterCount());
      Tensor x = SqueezeNet.prepare(photograph);
      net.to(run.device());
      answer(net, x.to(run.device()), names);
      if (export != null) {
        net.to(Device.CPU);
        OnnxWriter.write(export, OnnxExport.ofBatches(net, x));
        System.out.println("wrote " + export);
      }
    } catch (IOException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
    return 0;
  }

  private void answer(SqueezeNet net, Tensor x, List<String> names) {
    Tensor scores = Grad.off(() -> net.forward(x)).select(0, 0);
    Picked sorted = Sort.of(scores, 0, true);
    double[] best = sorted.values().toDoubles();
    long[] which = sorted.indices().toLongs();
    double[] probability = scores.softmax(0).toDoubles();
    for (int k = 0; k < TOP; k++) {
      int label = (int) which[k];
      System.out.printf(
          Locale.ROOT,
          "#%d (%.2f) %s, %.2f %%%n",
          k,
          best[k],
          names.get(label),
          100 * probability[label]);
    }
    Lesson.end(
        run,
        "squeezenet",
        net.parameterCount(),
        Lesson.figure("best class", (double) which[0]),
        Lesson.figure("its score", best[0]),
        Lesson.figure("its probability", probability[(int) which[0]]));
  }
}
