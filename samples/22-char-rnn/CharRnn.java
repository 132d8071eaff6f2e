package org.adjoint.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.data.Batch;
import org.adjoint.data.Dataset;
import org.adjoint.data.Loader;
import org.adjoint.data.Text;
import org.adjoint.data.Vocabulary;
import org.adjoint.nn.Embedding;
import org.adjoint.nn.Layer;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Lstm;
import org.adjoint.nn.Recurrent;
import org.adjoint.optim.Adam;
import org.adjoint.optim.Clip;
import org.adjoint.samples.cli.DeviceOptions;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.common.Series;
import org.adjoint.samples.data.DataFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A network that writes. It reads a text character by character, and after each one says how likely
 * each other is to come next; what it is to say is the text itself, one place on. To write, it is
 * given the character that it drew, again and again.
 *
 * <p>After C. Laurent, "Réseaux récurrents II" (école d'hiver IVADO, 2018), who shows what such a
 * network writes before it has learned, after the first epoch and at the end. Expect it to begin
 * with a loss of log V, V the number of characters, since it knows nothing, and to write noise;
 * after 300 steps, half a minute on two cores, a loss of 2 on what it has not read of Shakespeare,
 * and lines of what might be words. An epoch is 628 steps and ends at 1.84; 57 % of the words that
 * it then writes are Shakespeare's.
 *
 * <p>Any text will do: {@code --text FILE}. Else it is the million characters of Shakespeare that
 * A. Karpathy has gathered, {@code tinyshakespeare/input.txt.gz} in the folder of the data.
 */
@Command(name = "char-rnn", description = "an LSTM learns to write, character by character")
public final class CharRnn implements Callable<Integer> {
  private static final int WIDTH = 32;
  private static final int LENGTH = 50;
  private static final int BATCH = 32;
  private static final double RATE = 0.005;
  private static final double LONGEST = 5;
  private static final int EVERY = 50;
  private static final int LEAST = 1000;

  // Streams of random numbers: how much it writes changes nothing that it learns.
  private static final int WEIGHTS = 1;
  private static final int ORDER = 2;
  private static final int DRAWS = 3;

  @Mixin private DeviceOptions run;

  @Option(names = "--steps", defaultValue = "300", description = "steps to learn in")
  private int steps;

  @Option(names = "--hidden", defaultValue = "128", description = "units of the LSTM")
  private int hidden;

  @Option(names = "--write", defaultValue = "300", description = "characters to write each time")
  private int written;

  @Option(names = "--text", paramLabel = "FILE", description = "what to read, plain or gzipped")
  private @Nullable Path text;

  /** Characters [B, T] to a score for each that may come next, [B, T, V]. */
  private static final class Net implements Layer {
    private final Embedding embedding;
    private final Lstm lstm;
    private final Linear scores;

    Net(int characters, int hidden, Philox random) {
      embedding = new Embedding(characters, WIDTH, random);
      lstm = new Lstm(WIDTH, hidden, random).batchFirst().forgetBias(1);
      scores = new Linear(hidden, characters, random);
    }

    @Override
    public Tensor forward(Tensor x) {
      return scores.forward(lstm.forward(embedding.forward(x)));
    }

    /** The mean over all places of −log p(the next character). */
    Tensor loss(Batch batch) {
      Tensor all = forward(batch.inputs());
      long places = batch.targets().shape().count();
      return all.reshape(places, all.size(2)).crossEntropy(batch.targets().reshape(places));
    }

    /** Draws characters, each as likely as it is said to be after all those before it. */
    int[] write(int count, int from, Philox random, Device device) {
      int[] written = new int[count];
      int last = from;
      @Nullable List<Tensor> state = null;
      for (int i = 0; i < count; i++) {
        Tensor x = embedding.forward(Tensor.of(Shape.of(1, 1), (long) last).to(device));
        Recurrent.Result next = lstm.unroll(x, state, null);
        state = next.states();
        last = draw(scores.forward(next.outputs()).flatten(0).softmax(0).toDoubles(), random);
        written[i] = last;
      }
      return written;
    }

    private static int draw(double[] shares, Philox random) {
      double left = random.nextDouble();
      for (int i = 0; i < shares.length - 1; i++) {
        left -= shares[i];
        if (left < 0) {
          return i;
        }
      }
      return shares.length - 1;
    }
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Lesson.require(steps >= 0 && written >= 0, "--steps and --write must be at least 0");
    Lesson.require(hidden >= 1, "--hidden must be at least 1");
    String prose = read();
    Vocabulary characters = Vocabulary.ofCharacters(prose);
    int[] numbers = characters.encode(prose);
    int learned = numbers.length / 10 * 9;
    Dataset lesson = Text.windows(Arrays.copyOf(numbers, learned), LENGTH, LENGTH);
    int[] rest = Arrays.copyOfRange(numbers, learned, numbers.length);
    Net net = new Net(characters.size(), hidden, new Philox(run.seed(), WEIGHTS));
    net.to(run.device());
    double knowsNothing = Math.log(characters.size());
    System.out.printf(
        Locale.ROOT,
        "%,d characters, %d of them different, log %2$d = %.4f; %,d parameters%n",
        numbers.length,
        characters.size(),
        knowsNothing,
        net.parameterCount());

    Set<String> known = words(prose).collect(Collectors.toSet());
    double first = loss(net, rest);
    double noise = write("before", net, characters, numbers[0], first, known);
    List<Double> losses = learn(net, lesson);
    double last = loss(net, rest);
    double real = write("after " + steps + " steps", net, characters, numbers[0], last, known);
    if (!losses.isEmpty()) {
      double[] each = losses.stream().mapToDouble(Double::doubleValue).toArray();
      Lesson.pictures(run)
          .lines(
              "char-rnn.png",
              "What is left to learn",
              "step",
              "nats per character",
              List.of(Series.counted("loss", each)));
    }
    Lesson.end(
        run,
        "char-rnn",
        net.parameterCount(),
        Lesson.figure("loss of knowing nothing", knowsNothing),
        Lesson.figure("loss before", first),
        Lesson.figure("loss after", last),
        Lesson.figure("real words before", noise),
        Lesson.figure("real words after", real));
    return 0;
  }

  private String read() {
    Path file =
        text != null
            ? text
            : DataFolder.file(run, "tinyshakespeare/input.txt.gz", "Shakespeare; give --text");
    try {
      String prose = Text.read(file);
      Lesson.require(
          prose.codePointCount(0, prose.length()) >= LEAST,
          file + ": a text needs " + LEAST + " characters");
      return prose;
    } catch (IOException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  /** Takes the steps; returns the loss of each. */
  private List<Double> learn(Net net, Dataset lesson) {
    Adam adam = new Adam(net, RATE);
    List<Double> losses = new ArrayList<>();
    try (Loader loader =
        Loader.shuffled(lesson, BATCH, new Philox(run.seed(), ORDER)).to(run.device())) {
      learn(net, adam, loader, losses);
    }
    return losses;
  }

  private void learn(Net net, Adam adam, Loader loader, List<Double> losses) {
    while (losses.size() < steps) {
      for (Batch batch : loader) {
        try (batch;
            Scope _ = Scope.open()) {
          if (losses.size() == steps) {
            break;
          }
          Tensor loss = net.loss(batch);
          adam.zeroGrad();
          loss.backward();
          Clip.norm(net, LONGEST);
          adam.step();
          losses.add(loss.item());
          if (losses.size() % EVERY == 0) {
            System.out.printf(Locale.ROOT, "step %d: loss %.4f%n", losses.size(), loss.item());
          }
        }
      }
    }
  }

  /** The mean loss on the beginning of what is not learned. */
  private double loss(Net net, int[] rest) {
    Dataset windows = Text.windows(rest, LENGTH, LENGTH);
    int[] rows = IntStream.range(0, Math.min(4 * BATCH, windows.size())).toArray();
    try (Scope _ = Scope.open()) {
      Batch some = windows.get(rows);
      Batch there = new Batch(some.inputs().to(run.device()), some.targets().to(run.device()));
      return Grad.off(() -> net.loss(there)).item();
    }
  }

  /** Prints what the net writes, and returns which share of its words are real ones. */
  private double write(
      String when, Net net, Vocabulary characters, int from, double loss, Set<String> known) {
    Philox random = new Philox(run.seed(), DRAWS);
    String prose;
    try (Scope _ = Scope.open()) {
      prose = characters.decode(Grad.off(() -> net.write(written, from, random, run.device())));
    }
    double real = words(prose).filter(known::contains).count();
    double share = real / Math.max(1, words(prose).count());
    System.out.printf(
        Locale.ROOT,
        "-- %s: loss %.4f, %.0f %% of the words are real --%n%s%n--%n",
        when,
        loss,
        100 * share,
        prose);
    return share;
  }

  /** Words of two letters or more, small. */
  private static Stream<String> words(String text) {
    return Vocabulary.words(text)
        .map(word -> word.toLowerCase(Locale.ROOT))
        .filter(word -> word.length() > 1);
  }
}
