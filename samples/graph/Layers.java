package org.adjoint.samples.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts a graph into columns, left to right, after Sugiyama, Tagawa and Toda (1981): an edge leads
 * to a column further right; an edge that skips columns gets a place of its own in each of them, so
 * that it runs through no vertex; within a column each place moves towards its neighbours' middle.
 */
final class Layers {
  /** A straight piece of an edge through one column, or a vertex. */
  private static final class Place {
    final double height;
    final List<Link> before = new ArrayList<>();
    final List<Link> after = new ArrayList<>();
    double y;

    Place(double height) {
      this.height = height;
    }
  }

  /** A neighbour, and how much lower than it a place should be for a level line between them. */
  private record Link(Place other, double offset) {}

  /** The edge to input {@code port} of a vertex: its height at every column from end to end. */
  record Edge(Vertex from, Vertex to, int port, double[] heights) {}

  private static final int GAP_X = 36;
  private static final int GAP_Y = 14;
  private static final int EDGE_HEIGHT = 6;
  private static final int SWEEPS = 24;

  private final List<List<Place>> columns = new ArrayList<>();
  private final Map<Vertex, Place> places = new HashMap<>();
  private final List<Edge> edges = new ArrayList<>();
  private double[] left = {};
  private double[] right = {};
  private double height;

  /** Sets the place of each of {@code vertices}, which are listed after their inputs. */
  Layers(List<Vertex> vertices) {
    assign(vertices);
    Map<Edge, List<Place>> pieces = new HashMap<>();
    for (Vertex vertex : vertices) {
      places.put(vertex, put(vertex.layer, vertex.height()));
    }
    for (Vertex vertex : vertices) {
      for (int port = 0; port < vertex.inputs.size(); port++) {
        Vertex input = vertex.inputs.get(port);
        Edge edge = new Edge(input, vertex, port, new double[vertex.layer - input.layer + 1]);
        edges.add(edge);
        pieces.put(edge, connect(edge));
      }
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      sort(sweep % 2 == 0);
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      settle(sweep % 2 == 0);
    }
    setCoordinates(vertices);
    pieces.forEach((edge, path) -> Arrays.setAll(edge.heights(), i -> path.get(i).y));
  }

  /** Each vertex right of its inputs; those that have none, directly left of their first use. */
  private static void assign(List<Vertex> vertices) {
    for (Vertex vertex : vertices) {
      vertex.layer = vertex.inputs.stream().mapToInt(input -> input.layer + 1).max().orElse(0);
    }
    Map<Vertex, Integer> firstUse = new HashMap<>();
    for (Vertex vertex : vertices) {
      vertex.inputs.forEach(input -> firstUse.merge(input, vertex.layer, Math::min));
    }
    firstUse.forEach((vertex, use) -> {
      if (vertex.inputs.isEmpty()) {
        vertex.layer = use - 1;
      }
    });
  }

  private Place put(int layer, double height) {
    while (columns.size() <= layer) {
      columns.add(new ArrayList<>());
    }
    Place place = new Place(height);
    columns.get(layer).add(place);
    return place;
  }

  private List<Place> connect(Edge edge) {
    List<Place> path = new ArrayList<>(List.of(places.get(edge.from())));
    for (int layer = edge.from().layer + 1; layer < edge.to().layer; layer++) {
      path.add(put(layer, EDGE_HEIGHT));
    }
    path.add(places.get(edge.to()));
    for (int i = 1; i < path.size(); i++) {
      double port = i == path.size() - 1 ? edge.to().port(edge.port()) : 0;
      path.get(i - 1).after.add(new Link(path.get(i), port));
      path.get(i).before.add(new Link(path.get(i - 1), -port));
    }
    return path;
  }

  /** The order in each column by the neighbours' mean position, to have few crossings. */
  private void sort(boolean rightwards) {
    for (List<Place> column : inOrder(rightwards)) {
      Map<Place, Double> key = new HashMap<>();
      column.forEach(place -> key.put(place, mean(place, rightwards)));
      column.sort(Comparator.comparingDouble(key::get));
      double y = 0;
      for (Place place : column) {
        place.y = y;
        y += place.height + GAP_Y;
      }
      double middle = y / 2;
      column.forEach(place -> place.y -= middle);
    }
  }

  /**
   * Moves each place towards its neighbours' mean. Pushing down what would overlap, and pushing it
   * up, are two ways to keep apart, and so is their mean.
   */
  private void settle(boolean rightwards) {
    for (List<Place> column : inOrder(rightwards)) {
      int n = column.size();
      double[] down = new double[n];
      double[] up = new double[n];
      for (int i = 0; i < n; i++) {
        down[i] = mean(column.get(i), rightwards);
        up[i] = down[i];
      }
      for (int i = 1; i < n; i++) {
        down[i] = Math.max(down[i], down[i - 1] + distance(column.get(i - 1), column.get(i)));
      }
      for (int i = n - 2; i >= 0; i--) {
        up[i] = Math.min(up[i], up[i + 1] - distance(column.get(i), column.get(i + 1)));
      }
      for (int i = 0; i < n; i++) {
        column.get(i).y = (down[i] + up[i]) / 2;
      }
    }
  }

  private List<List<Place>> inOrder(boolean rightwards) {
    return rightwards ? columns : columns.reversed();
  }

  private static double distance(Place upper, Place lower) {
    return (upper.height + lower.height) / 2 + GAP_Y;
  }

  private static double mean(Place place, boolean rightwards) {
    return (rightwards ? place.before : place.after)
        .stream().mapToDouble(link -> link.other().y + link.offset()).average().orElse(place.y);
  }

  private void setCoordinates(List<Vertex> vertices) {
    double[] widths = new double[columns.size()];
    for (Vertex vertex : vertices) {
      widths[vertex.layer] = Math.max(widths[vertex.layer], vertex.width());
    }
    left = new double[widths.length];
    right = new double[widths.length];
    double x = GAP_X;
    for (int i = 0; i < widths.length; i++) {
      left[i] = x;
      right[i] = x + widths[i];
      x = right[i] + GAP_X;
    }
    double top = Double.MAX_VALUE;
    double bottom = -Double.MAX_VALUE;
    for (List<Place> column : columns) {
      for (Place place : column) {
        top = Math.min(top, place.y - place.height / 2);
        bottom = Math.max(bottom, place.y + place.height / 2);
      }
    }
    height = bottom - top + 2 * GAP_Y;
    for (List<Place> column : columns) {
      for (Place place : column) {
        place.y += GAP_Y - top;
      }
    }
    places.forEach((vertex, place) -> {
      vertex.x = (left[vertex.layer] + right[vertex.layer]) / 2;
      vertex.y = place.y;
    });
  }

  List<Edge> edges() {
    return edges;
  }

  /** Where column {@code layer} begins. */
  double left(int layer) {
    return left[layer];
  }

  /** Where column {@code layer} ends. */
  double right(int layer) {
    return right[layer];
  }

  double width() {
    return right[right.length - 1] + GAP_X;
  }

  double height() {
    return height;
  }
}
