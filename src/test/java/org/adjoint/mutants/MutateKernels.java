package org.adjoint.mutants;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.adjoint.Device;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.emulator.Emulator;
import org.adjoint.mutants.Family.Kernel;

/** Mutation testing of the kernels of src/main/cuda: what {@code adjoint mutate-kernels} does. */
public final class MutateKernels {
  /** Tests of kernels: for what the operations' examples do not reach. */
  private static final String TESTS =
      ".*\\.(Arrange|Attention|Cast|Channel|Conv|Index|MatMul|Nll|OptimOnGpu|Pool|Random|Recurrent|Row"
          + "|Sort|Turn|Words)\\w*Test";

  /**
   * What is asked for.
   *
   * @param kernels names of families, kernels, or entries; none for all
   * @param max mutants of a kernel
   * @param seed by which they are chosen
   * @param seconds after which no further mutant is begun
   * @param again whether survivors are tried again
   * @param out the file of results
   */
  public record Request(
      List<String> kernels, int max, long seed, double seconds, boolean again, Path out) {}

  /**
   * How it ended.
   *
   * @param killed mutants that a check found
   * @param survivors those that none found
   * @param unrun kernels that no check runs
   * @param left mutants that there was no time for
   */
  public record Summary(
      int kernels, int killed, List<Survivor> survivors, List<String> unrun, int left) {}

  /**
   * A mutant that no check found.
   *
   * @param reason why not, as people found out; empty if nobody has said
   */
  public record Survivor(Mutant mutant, String reason) {
    /** All of it in one line. */
    @Override
    public String toString() {
      return "%s, %s:%d: %s: %s -> %s: %s"
          .formatted(
              mutant.kernel(),
              mutant.file(),
              mutant.line(),
              mutant.operator(),
              mutant.original(),
              mutant.mutated(),
              reason.isEmpty() ? mutant.by() + "; no reason is known" : reason);
    }
  }

  private final Emulator emulator;
  private final Map<String, Family> families = new LinkedHashMap<>();

  /** Reads the kernels of the source tree that the program was started from. */
  public MutateKernels() {
    emulator = Emulator.build(Emulator.home(), Emulator.Mode.CHECKED);
    for (Path source : emulator.sources()) {
      Family family = new Family(emulator, source);
      families.put(family.name(), family);
    }
  }

  /** All names that a kernel may be called by, for hints. */
  public List<String> names() {
    Set<String> names = new LinkedHashSet<>(families.keySet());
    for (Family family : families.values()) {
      for (Kernel kernel : family.kernels()) {
        names.add(kernel.definition().name());
        kernel.definition().entries().forEach(entry -> names.add(Definition.withoutType(entry)));
      }
    }
    return List.copyOf(names);
  }

  /** Whether a word means a kernel. */
  public boolean knows(String word) {
    return !called(List.of(word)).isEmpty();
  }

  private List<Kernel> called(List<String> words) {
    Set<Kernel> called = new LinkedHashSet<>();
    for (Family family : families.values()) {
      for (String word : words) {
        called.addAll(family.called(word));
      }
      if (words.isEmpty()) {
        called.addAll(family.kernels());
      }
    }
    return List.copyOf(called);
  }

  /** Tries all mutants that have not been tried, and writes the results. */
  public Summary run(Request request, PrintWriter out) {
    List<Kernel> kernels = called(request.kernels());
    Results results = new Results(request.out());
    Path folder = Emulator.home().resolve("target/mutants");
    Map<String, String> texts = new LinkedHashMap<>();
    families.forEach((name, family) -> texts.put(name, family.sites().schemata()));
    emulator.compile(texts, folder.resolve("kernels"));
    System.setProperty("adjoint.cuda.libraries", emulator.libraries().toString());
    System.setProperty("adjoint.kernels", folder.resolve("kernels").toString());
    System.setProperty("adjoint.cuda.cache", "false");
    System.setProperty("adjoint.poison", "true");
    System.setProperty("adjoint.test.gpu", "true"); // tests take the device as it is
    int sites = families.values().stream().mapToInt(f -> f.sites().ids()).max().orElse(0);
    Lab lab = new Lab(new EmulatedDevice(emulator.libraries()), sites, MutateKernels::settle);

    List<Trial> trials = new ArrayList<>(Trials.ofTheCatalog(new Device("cuda", 0)));
    trials.addAll(Trials.ofTests(TESTS));
    long start = System.nanoTime();
    BooleanSupplier isOver = () -> (System.nanoTime() - start) / 1e9 > request.seconds();
    Coverage coverage = coverage(lab, texts, trials, folder.resolve("coverage"), isOver);
    if (!trials.stream().allMatch(coverage::has)) {
      return new Summary(kernels.size(), 0, List.of(), List.of(), request.max() * kernels.size());
    }
    Campaign.Order order = new Campaign.Order(request.max(), request.seed(), request.again());
    Campaign campaign = new Campaign(lab, trials, coverage, results, order, isOver, out);
    Campaign.Outcome outcome = campaign.run(kernels);
    Set<String> keys = new HashSet<>();
    for (Trial trial : trials) {
      if (outcome.left() == 0 && kernels.stream().anyMatch(k -> coverage.runs(trial, k))) {
        lab.mustPass(trial);
      }
    }
    outcome.mutants().values().forEach(all -> all.forEach(mutant -> keys.add(mutant.key())));
    Set<String> chosen = new LinkedHashSet<>();
    kernels.forEach(kernel -> chosen.add(kernel.family().name() + "/" + kernel));
    results.write(
        request.seed(),
        request.max(),
        mutant ->
            outcome.left() > 0
                || keys.contains(mutant.key())
                || (!chosen.contains(mutant.kernel()) && isKernel(mutant.kernel())));
    Reasons reasons = new Reasons(request.out().resolveSibling("reasons.json"));
    results.describe(reasons);
    List<String> unrun = new ArrayList<>();
    for (Kernel kernel : kernels) {
      if (trials.stream().noneMatch(trial -> coverage.runs(trial, kernel))) {
        unrun.add(kernel.family().name() + "/" + kernel);
      }
    }
    return summary(kernels, outcome, reasons, unrun);
  }

  /** The backend learns of what a kernel noted, which is no business of the next. */
  private static void settle() {
    for (int i = 0; i < 2; i++) {
      try {
        CudaBackend.of(new Device("cuda", 0)).synchronize();
      } catch (RuntimeException e) {
        // that was it
      }
    }
  }

  private boolean isKernel(String name) {
    return families.values().stream()
        .flatMap(family -> family.kernels().stream())
        .anyMatch(kernel -> name.equals(kernel.family().name() + "/" + kernel));
  }

  /** What the trials do; of some of them if time runs out. */
  private static Coverage coverage(
      Lab lab, Map<String, String> texts, List<Trial> trials, Path file, BooleanSupplier isOver) {
    String key = Family.digest(texts.values().toArray(String[]::new));
    Coverage coverage = Coverage.read(file, key);
    if (!trials.stream().allMatch(coverage::has)) {
      try {
        lab.survey(trials, coverage, isOver);
      } finally {
        coverage.write(file, key);
      }
    }
    return coverage;
  }

  private static Summary summary(
      List<Kernel> kernels, Campaign.Outcome outcome, Reasons reasons, List<String> unrun) {
    int killed = 0;
    List<Survivor> survivors = new ArrayList<>();
    for (List<Mutant> mutants : outcome.mutants().values()) {
      for (Mutant mutant : mutants) {
        if (mutant.killed()) {
          killed++;
        } else {
          survivors.add(new Survivor(mutant, reasons.of(mutant)));
        }
      }
    }
    return new Summary(kernels.size(), killed, survivors, unrun, outcome.left());
  }
}
