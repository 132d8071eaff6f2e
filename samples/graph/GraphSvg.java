package org.adjoint.samples.graph;

import java.util.List;
import java.util.Locale;
import org.adjoint.samples.graph.Layers.Edge;
import org.adjoint.samples.graph.Vertex.Kind;
import org.adjoint.samples.graph.Vertex.Line;

/** Draws a graph as SVG. Edges bend between the columns only, so that they touch no vertex. */
final class GraphSvg {
  private static final String HEAD =
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" \
      font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12" \
      text-anchor="middle">
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" \
      markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#555"/></marker></defs>
      <rect width="100%%" height="100%%" fill="white"/>
      """;

  private final Layers layers;
  private final StringBuilder text = new StringBuilder();

  private GraphSvg(Layers layers) {
    this.layers = layers;
  }

  /** The picture of {@code vertices}, which are listed after their inputs. */
  static String of(List<Vertex> vertices) {
    GraphSvg picture = new GraphSvg(new Layers(vertices));
    picture.write(HEAD, picture.layers.width(), picture.layers.height());
    picture.layers.edges().forEach(picture::draw);
    vertices.forEach(picture::draw);
    return picture.text.append("</svg>\n").toString();
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String colour(Kind kind) {
    return switch (kind) {
      case NAME, VALUE -> "#111";
      case SHAPE -> "#666";
      case GRADIENT -> "#c0122f";
    };
  }

  @SuppressWarnings("AnnotateFormatMethod") // that would take one more library
  private void write(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments));
  }

  private void draw(Edge edge) {
    Vertex from = edge.from();
    Vertex to = edge.to();
    double[] y = edge.heights();
    write("<path fill=\"none\" stroke=\"#555\" marker-end=\"url(#arrow)\" d=\"");
    write("M%.1f %.1f", from.x + from.width() / 2, y[0]);
    for (int i = 1; i < y.length; i++) {
      double start = layers.right(from.layer + i - 1);
      double end = layers.left(from.layer + i);
      double middle = (start + end) / 2;
      double arrival = i < y.length - 1 ? y[i] : to.y + to.port(edge.port());
      write(" H%.1f C%.1f %.1f %.1f %.1f", start, middle, y[i - 1], middle, arrival);
      write(" %.1f %.1f", end, arrival);
    }
    write(" H%.1f\"/>\n", to.x - to.width() / 2);
  }

  private void draw(Vertex vertex) {
    double width = vertex.width();
    double height = vertex.height();
    if (vertex.operation) {
      write("<rect x=\"%.1f\" y=\"%.1f\" ", vertex.x - width / 2, vertex.y - height / 2);
      write("width=\"%.1f\" height=\"%.1f\" rx=\"4\" fill=\"#e4edf9\" ", width, height);
    } else {
      write("<ellipse cx=\"%.1f\" cy=\"%.1f\" ", vertex.x, vertex.y);
      write("rx=\"%.1f\" ry=\"%.1f\" fill=\"#fdf6e3\" ", width / 2, height / 2);
    }
    write("stroke=\"#555\"/>\n");
    double top = vertex.y - vertex.lines.size() * Vertex.LINE_HEIGHT / 2.0;
    for (int i = 0; i < vertex.lines.size(); i++) {
      Line line = vertex.lines.get(i);
      write("<text x=\"%.1f\" y=\"%.1f\" ", vertex.x, top + (i + 0.75) * Vertex.LINE_HEIGHT);
      write("class=\"%s\" ", line.kind().name().toLowerCase(Locale.ROOT));
      write("fill=\"%s\"", colour(line.kind()));
      write(line.kind() == Kind.NAME ? " font-weight=\"bold\">" : ">");
      write("%s</text>\n", escape(line.text()));
    }
  }
}
