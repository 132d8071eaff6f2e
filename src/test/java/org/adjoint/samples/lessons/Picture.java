package org.adjoint.samples.lessons;

import java.awt.geom.Rectangle2D;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What a picture of a graph shows, read back from its SVG. */
record Picture(
    double width,
    double height,
    List<Rectangle2D> boxes,
    List<Rectangle2D> ellipses,
    List<String> labels) {
  static Picture read(Path svg) throws Exception {
    return parse(Files.readString(svg));
  }

  /** Fails if {@code svg} is no XML. */
  static Picture parse(String svg) throws Exception {
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();
    List<Rectangle2D> boxes = new ArrayList<>();
    List<Rectangle2D> ellipses = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    NodeList children = root.getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      if (!(children.item(i) instanceof Element element)) {
        continue;
      }
      switch (element.getTagName()) {
        case "rect" -> {
          if (element.hasAttribute("x")) {
            boxes.add(
                new Rectangle2D.Double(
                    number(element, "x"),
                    number(element, "y"),
                    number(element, "width"),
                    number(element, "height")));
            labels.add("");
          }
        }
        case "ellipse" -> {
          double rx = number(element, "rx");
          double ry = number(element, "ry");
          ellipses.add(
              new Rectangle2D.Double(
                  number(element, "cx") - rx, number(element, "cy") - ry, 2 * rx, 2 * ry));
          labels.add("");
        }
        case "text" -> labels.add((labels.removeLast() + " " + element.getTextContent()).strip());
        default -> {}
      }
    }
    return new Picture(number(root, "width"), number(root, "height"), boxes, ellipses, labels);
  }

  /** All vertices, as the rectangles around them. */
  List<Rectangle2D> shapes() {
    return Stream.concat(boxes.stream(), ellipses.stream()).toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
