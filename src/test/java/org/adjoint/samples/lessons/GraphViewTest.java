package org.adjoint.samples.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.samples.graph.GraphView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphViewTest {
  /** Values that are used again much later, by operations of one and of two inputs. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
  void nothingOverlapsAndNothingIsCutOff(long seed) throws Exception {
    Philox random = new Philox(seed);
    Map<Tensor, String> names = new HashMap<>();
    List<Tensor> values = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      values.add(Tensor.of(1.0, 0.5 * i).requireGrad());
      names.put(values.getLast(), "leaf " + i);
    }
    for (int i = 0; i < 25; i++) {
      Tensor a = values.get(random.nextInt(values.size()));
      Tensor b = values.get(random.nextInt(values.size()));
      values.add(i % 3 == 0 ? a.tanh() : a.sub(b));
      if (i % 5 == 0) {
        names.put(values.getLast(), "a value with a name, " + i);
      }
    }
    Tensor sum = values.getFirst();
    for (Tensor value : values) {
      sum = sum.add(value);
    }
    Picture picture = Picture.parse(GraphView.of(sum.sum(), names).svg());

    List<Rectangle2D> shapes = picture.shapes();
    assertTrue(shapes.size() > 30, "only " + shapes.size());
    Rectangle2D whole = new Rectangle2D.Double(0, 0, picture.width(), picture.height());
    for (int i = 0; i < shapes.size(); i++) {
      assertTrue(whole.contains(shapes.get(i)), "cut off: " + shapes.get(i));
      for (int j = 0; j < i; j++) {
        assertFalse(shapes.get(i).intersects(shapes.get(j)), shapes.get(i) + " " + shapes.get(j));
      }
    }
  }

  @Test
  void textIsEscaped() throws Exception {
    Tensor x = Tensor.scalar(1).requireGrad();
    GraphView view = GraphView.of(x.exp(), Map.of(x, "<b>\"&\\"));
    assertTrue(Picture.parse(view.svg()).labels().contains("<b>\"&\\ 1.0"));
    assertTrue(view.dot().contains("label=\"<b>\\\"&\\\\\\n1.0\""), view.dot());
    assertTrue(view.html("<i>").contains("<title>&lt;i&gt;</title>"));
  }

  @Test
  void dotHasEveryEdge() {
    Tensor x = Tensor.scalar(3).requireGrad();
    assertEquals(
        """
        digraph {
          rankdir=LR;
          v0 [shape=ellipse, label="x\\n3.0"];
          v1 [shape=box, label="mul\\nF64 []"];
          v2 [shape=ellipse, label="constant"];
          v3 [shape=box, label="sub\\nF64 []"];
          v0 -> v1;
          v0 -> v1;
          v1 -> v3;
          v2 -> v3;
        }
        """,
        GraphView.of(x.mul(x).sub(Tensor.scalar(1)), Map.of(x, "x")).dot());
  }

  @Test
  void leafAloneIsAGraph() throws Exception {
    Tensor x = Tensor.zeros(2, 3).requireGrad();
    assertEquals(List.of("F32 [2, 3]"), Picture.parse(GraphView.of(x, Map.of()).svg()).labels());
  }

  @Test
  void thousandsOfOperationsAreNoProblem() throws Exception {
    Tensor x = Tensor.scalar(1).requireGrad();
    Tensor y = x;
    for (int i = 0; i < 5000; i++) {
      y = y.add(1);
    }
    assertEquals(5001, Picture.parse(GraphView.of(y, Map.of()).svg()).shapes().size());
  }

  @Test
  void valueWithoutGraphIsAnError() {
    Tensor x = Tensor.scalar(1);
    assertThrows(IllegalArgumentException.class, () -> GraphView.of(x, Map.of()));
  }
}
