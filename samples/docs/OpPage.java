package org.adjoint.samples.docs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.View;
import org.adjoint.backend.Elementwise;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Operand;
import org.adjoint.check.Tally;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.adjoint.op.OpSpec.Rejection;
import org.adjoint.samples.cli.Html;

/** The page of one operation: all that its spec says, and what a run of its checks found. */
final class OpPage {
  private final OpSpec spec;
  private final Html html = new Html();

  private OpPage(OpSpec spec) {
    this.spec = spec;
  }

  /**
   * The page as it stands in {@code folder}, less the links to the pages beside it.
   *
   * @param measured what its checks found; none if they were not run
   */
  static Html of(OpSpec spec, Group group, Path folder, Sources sources, List<Tally> measured)
      throws IOException {
    OpPage page = new OpPage(spec);
    page.html
        .add("<nav><a href=\"../index.html\">All operations</a></nav>\n<main>\n")
        .add("<h1><code>{}</code></h1>\n<p class=\"faint\">{}", spec.name(), group.title());
    Optional<Path> source = sources.ofOperation(spec.name());
    if (source.isPresent()) {
      page.html.add(" · <a href=\"{}\"><code>", Sources.link(folder, source.get()));
      for (String step : sources.name(source.get()).split("(?<=/)")) {
        page.html.add("{}<wbr/>", step);
      }
      page.html.add("</code></a>");
    }
    page.html
        .add("</p>\n<h2>Definition</h2>\n<pre>{}</pre>\n", spec.formula())
        .add("<h2>Gradient</h2>\n<pre>{}</pre>\n", spec.gradient());
    page.roads();
    page.measured(measured);
    page.rejections();
    page.examples();
    return page.html.add("</main>\n");
  }

  private void roads() {
    html.add("<h2>How it is computed</h2>\n<p>{}</p>\n", road());
    if (hasFast(spec)) {
      html.add("<p>{}</p>\n", tolerance(spec.tolerance()));
    }
  }

  private String road() {
    Class<? extends Op> type = spec.type();
    if (type == null) {
      return "A composition: it is made of other operations, takes their roads and their"
          + " errors, and leaves its gradient to autograd.";
    }
    if (View.class.isAssignableFrom(type)) {
      return "A view: nothing is computed, and the result shares the input's elements.";
    }
    return hasFast(spec)
        ? "Variants: reference, the definition in loops over doubles; and fast, on the CPU, for the"
            + " dtypes and strides that it takes."
        : "Variants: reference alone, the definition in loops over doubles, rounded once to the"
            + " result's dtype.";
  }

  /** Whether there is a quick road beside the reference. */
  static boolean hasFast(OpSpec spec) {
    Class<? extends Op> type = spec.type();
    if (type == null) {
      return false;
    }
    try {
      Class<?> declares =
          type.getMethod("fast", Operand[].class, Operand[].class).getDeclaringClass();
      return declares != Kernel.class
          || spec.examples().stream()
              .anyMatch(e -> e.op() instanceof Elementwise op && op.lanes() != null);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("every kernel has fast", e);
    }
  }

  private static String tolerance(OpSpec.Tolerance tolerance) {
    if (tolerance.terms() != null) {
      return "In F32 fast may differ from the reference by (4√k + 2)·u·Σ|terms| + u·|y| for sums of"
          + " k terms, with u = 2⁻²⁴; on small integers by nothing.";
    }
    return tolerance.ulps() == 0
        ? "Fast gives the bits of the reference, rounded once."
        : "In F32 fast may differ from the reference by %s in the last place%s."
            .formatted(
                tolerance.ulps() == 1
                    ? "one unit"
                    : String.format(Locale.ROOT, "%.3g units", tolerance.ulps()),
                tolerance.ofLargest() ? " of the largest element" : "");
  }

  private void measured(List<Tally> tallies) {
    if (tallies.isEmpty()) {
      return;
    }
    html.add("<h2>Measured</h2>\n<p>Errors as shares of their bounds, over the numbers that had")
        .add(" one; – where none had.</p>\n<table>\n<tr><th>check</th><th>numbers</th>")
        .add("<th>median</th><th>worst</th></tr>\n");
    for (Tally tally : tallies) {
      boolean exact = tally.inexact() == 0;
      html.add(
          "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
          tally.check(),
          String.format(Locale.ROOT, "%,d", tally.compared()),
          exact ? "–" : String.format(Locale.ROOT, "%.3f", tally.median()),
          exact ? "–" : String.format(Locale.ROOT, "%.3f", tally.worst()));
    }
    html.add("</table>\n");
    for (Tally tally : tallies) {
      if (!tally.failures().isEmpty()) {
        html.add("<p><strong>Failed:</strong> {}</p>\n", tally.failures().get(0));
      }
    }
  }

  private void rejections() {
    html.add("<h2>What it refuses</h2>\n");
    if (spec.rejections().isEmpty()) {
      html.add("<p>Nothing that is listed.</p>\n");
      return;
    }
    html.add("<ul class=\"rows\">\n");
    for (Rejection rejection : spec.rejections()) {
      html.add("<li><code>{}</code></li>\n", rejection.message());
    }
    html.add("</ul>\n");
  }

  private void examples() {
    html.add("<h2>What it is checked on</h2>\n<ul class=\"rows\">\n");
    EnumSet<Draw.Kind> kinds = EnumSet.noneOf(Draw.Kind.class);
    for (Example example : spec.examples()) {
      example.inputs().forEach(draw -> kinds.add(draw.kind()));
      html.add(
          "<li><code>{}</code><br/><span class=\"faint\">{}</span></li>\n",
          example.label(),
          about(example));
    }
    html.add("</ul>\n<p class=\"faint\">Inputs: {}.</p>\n", legend(kinds));
  }

  /** For example {@code normal, index < 4 → F32 [3]; 3 FLOP}. */
  private static String about(Example example) {
    String inputs =
        example.inputs().stream()
            .map(d -> word(d.kind()) + (d.kind() == Draw.Kind.INDEX ? " < " + d.limit() : ""))
            .collect(Collectors.joining(", "));
    Op op = example.op();
    if (op == null) {
      return inputs;
    }
    Meta[] in =
        example.inputs().stream()
            .map(draw -> new Meta(draw.shape(), draw.dtype(DType.F32), Device.CPU))
            .toArray(Meta[]::new);
    Meta[] out = op.infer(in);
    String outputs =
        Arrays.stream(out).map(y -> y.dtype() + " " + y.shape()).collect(Collectors.joining(", "));
    return String.format(Locale.ROOT, "%s → %s; %,.0f FLOP", inputs, outputs, op.flop(in, out));
  }

  private static String word(Draw.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static String legend(EnumSet<Draw.Kind> kinds) {
    Stream<String> words = kinds.stream().map(kind -> word(kind) + " are " + meaning(kind));
    return words.collect(Collectors.joining("; "));
  }

  private static String meaning(Draw.Kind kind) {
    return switch (kind) {
      case NORMAL -> "standard normal";
      case POSITIVE -> "uniform from 0.5 to 2";
      case APART -> "distinct multiples of 1/8 other than 0, away from kinks";
      case BETWEEN -> "distinct odd multiples of 1/16, away from jumps";
      case UNIT -> "uniform from −0.75 to 0.75";
      case WEIGHT -> "uniform from −1/√n to 1/√n, n the last size";
      case INDEX -> "indices, I64";
      case PAIRS -> "indices within windows of 2 × 2, I64";
      case MASK -> "truth values, BOOL";
    };
  }
}
