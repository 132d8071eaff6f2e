package org.adjoint.samples.graph;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Node;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Slot;
import org.adjoint.autograd.View;
import org.adjoint.samples.graph.Vertex.Kind;
import org.adjoint.samples.graph.Vertex.Line;

/**
 * The graph that autograd recorded, as a picture: a box for each operation, an ellipse for each
 * value that has a name; of the others, the box shows the shape. Ask after backward, and it shows
 * the gradients too.
 *
 * <pre>{@code
 * loss.backward();
 * GraphView.of(loss, Map.of(w, "w", loss, "loss")).write(folder, "line");
 * }</pre>
 *
 * <p>The graph keeps no values, so those that shall be shown are given by the caller with their
 * names. Constants take no part in it: an operation shows them as "constant".
 */
public final class GraphView {
  /** Larger tensors are shown by their shape alone. */
  private static final int MOST_ELEMENTS = 4;

  private static final int LONGEST_NUMBER = 8;

  /** What a record says of itself, if it is short. */
  private static final Pattern PARAMETERS = Pattern.compile("\\w+\\[(.{1,16})]");

  /** The values in the order of their computation, then the gradients in the opposite order. */
  private static final String EXPLORER =
      """
      <p>Values are computed from left to right, gradients (in red) from right to left.</p>
      <p><label>Steps <input id="step" type="range" min="0" style="width: 40em"></label></p>
      <script>
        const values = [...document.querySelectorAll('.value')];
        const gradients = [...document.querySelectorAll('.gradient')];
        const steps = values.concat(gradients.reverse());
        const slider = document.getElementById('step');
        slider.max = steps.length;
        slider.value = steps.length;
        slider.oninput = () => steps.forEach((text, i) => {
          text.style.visibility = i < slider.value ? 'visible' : 'hidden';
        });
      </script>
      """;

  private final List<Vertex> vertices = new ArrayList<>();
  private final Map<Slot, Vertex> values = new HashMap<>();
  private final Map<Slot, Tensor> tensors = new HashMap<>();
  private final Map<Tensor, String> names;

  private GraphView(Map<Tensor, String> names) {
    this.names = names;
    for (Tensor tensor : names.keySet()) {
      Slot slot = tensor.slot();
      if (slot != null) {
        tensors.put(slot, tensor);
      }
    }
  }

  /**
   * The graph that {@code result} was computed by.
   *
   * @param names the tensors to show with name and value
   * @throws IllegalArgumentException if {@code result} has no graph
   */
  public static GraphView of(Tensor result, Map<Tensor, String> names) {
    Slot root = result.slot();
    if (root == null) {
      throw new IllegalArgumentException(
          "graph: " + result.describe() + " has none; call requireGrad() on a value it depends on");
    }
    GraphView view = new GraphView(names);
    operations(root).forEach(view::add);
    view.value(root); // there already, unless nothing was computed
    return view;
  }

  /** All operations that {@code root} was computed by, in the order in which they ran. */
  private static List<Node> operations(Slot root) {
    Set<Node> seen = new HashSet<>();
    ArrayDeque<Slot> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      Node node = open.pop().node();
      if (node != null && seen.add(node)) {
        node.inputs().stream().filter(input -> input != null).forEach(open::push);
      }
    }
    return seen.stream().sorted(Comparator.comparingLong(Node::number)).toList();
  }

  private void add(Node node) {
    List<Line> lines = new ArrayList<>(List.of(new Line(Kind.NAME, text(node.op()))));
    Vertex operation = new Vertex(true, lines);
    for (Slot input : node.inputs()) {
      operation.inputs.add(input == null ? constant() : value(input));
    }
    vertices.add(operation);
    for (Slot output : node.outputs()) {
      if (output != null && tensors.containsKey(output)) {
        value(output).inputs.add(operation);
      } else if (output != null) {
        values.put(output, operation);
        lines.addAll(lines(output));
      }
    }
  }

  private Vertex constant() {
    Vertex vertex = new Vertex(false, List.of(new Line(Kind.SHAPE, "constant")));
    vertices.add(vertex);
    return vertex;
  }

  private Vertex value(Slot slot) {
    Vertex known = values.get(slot);
    if (known != null) {
      return known;
    }
    Vertex vertex = new Vertex(false, lines(slot));
    values.put(slot, vertex);
    vertices.add(vertex);
    return vertex;
  }

  private List<Line> lines(Slot slot) {
    Tensor tensor = tensors.get(slot);
    Meta meta = slot.meta();
    List<Line> lines = new ArrayList<>();
    if (tensor != null) {
      lines.add(new Line(Kind.NAME, names.getOrDefault(tensor, "")));
    }
    if (meta.shape().rank() > 0 || tensor == null) {
      lines.add(new Line(Kind.SHAPE, meta.dtype() + " " + meta.shape()));
    }
    if (tensor != null && meta.shape().count() <= MOST_ELEMENTS) {
      lines.add(new Line(Kind.VALUE, numbers(tensor)));
      if (tensor.hasGrad()) {
        lines.add(new Line(Kind.GRADIENT, "grad " + numbers(tensor.grad())));
      }
    }
    return lines;
  }

  /** The name, and parameters if they are short and the shape does not say them. */
  private static String text(Op op) {
    Matcher parameters = PARAMETERS.matcher(op.toString());
    return parameters.matches() && !(op instanceof View)
        ? op.name() + " " + parameters.group(1)
        : op.name();
  }

  private static String numbers(Tensor tensor) {
    List<String> texts = new ArrayList<>();
    for (double value : tensor.toDoubles()) {
      String exact = tensor.dtype() == DType.F64 ? "" + value : "" + (float) value;
      texts.add(
          exact.length() <= LONGEST_NUMBER ? exact : String.format(Locale.ROOT, "%.3g", value));
    }
    return tensor.rank() == 0 ? texts.getFirst() : texts.toString();
  }

  // ---- writing -------------------------------------------------------------------------------

  /**
   * Writes {@code name.html}, {@code name.svg} and {@code name.dot} into {@code folder}.
   *
   * @return the three files, in this order
   */
  public List<Path> write(Path folder, String name) throws IOException {
    Files.createDirectories(folder);
    return List.of(
        Files.writeString(folder.resolve(name + ".html"), html(name), UTF_8),
        Files.writeString(folder.resolve(name + ".svg"), svg(), UTF_8),
        Files.writeString(folder.resolve(name + ".dot"), dot(), UTF_8));
  }

  /** The graph for Graphviz: {@code dot -Tpng -O line.dot}. */
  public String dot() {
    Map<Vertex, Integer> number = new HashMap<>();
    StringBuilder text = new StringBuilder("digraph {\n  rankdir=LR;\n");
    for (Vertex vertex : vertices) {
      number.put(vertex, number.size());
      String label = vertex.lines.stream().map(Line::text).collect(Collectors.joining("\n"));
      text.append(
          "  v%d [shape=%s, label=\"%s\"];\n"
              .formatted(
                  number.get(vertex),
                  vertex.operation ? "box" : "ellipse",
                  label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")));
    }
    for (Vertex vertex : vertices) {
      for (Vertex input : vertex.inputs) {
        text.append("  v%d -> v%d;\n".formatted(number.get(input), number.get(vertex)));
      }
    }
    return text.append("}\n").toString();
  }

  /** The graph as a picture that any browser shows. */
  public String svg() {
    return GraphSvg.of(vertices);
  }

  /**
   * A page that holds the picture and needs no other file. Where gradients are shown, a slider goes
   * through the computation step by step, forward and back.
   */
  public String html(String title) {
    boolean explore =
        vertices.stream()
            .flatMap(vertex -> vertex.lines.stream())
            .anyMatch(line -> line.kind() == Kind.GRADIENT);
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <title>%s</title>
    <style>body { margin: 2em; font-family: sans-serif }</style>
    </head>
    <body>
    <h1>%1$s</h1>
    %s%s</body>
    </html>
    """
        .formatted(GraphSvg.escape(title), svg(), explore ? EXPLORER : "");
  }
}
