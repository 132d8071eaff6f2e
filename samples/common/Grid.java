package org.adjoint.samples.common;

import java.util.List;

/**
 * Small grey images of one size, in rows.
 *
 * @param images each as rows of pixels
 * @param captions one under each image, or none at all
 * @param rows one to the left of each row, or none at all
 * @param columns how many images stand side by side
 * @param zoom how many pixels wide and high a pixel is drawn
 * @param range which values are black and white
 */
public record Grid(
    List<float[][]> images,
    List<String> captions,
    List<String> rows,
    int columns,
    int zoom,
    Range range) {
  /** What black and white stand for. */
  public enum Range {
    /** The least and the greatest value of each image. */
    EACH,
    /** The least and the greatest value of all, so that images can be compared. */
    COMMON
  }

  /** Refuses images of several sizes, and captions or names of rows that are not one each. */
  public Grid {
    if (images.isEmpty() || columns < 1 || zoom < 1) {
      throw new IllegalArgumentException(
          "grid: %d images, %d columns, zoom %d; expected one or more of each"
              .formatted(images.size(), columns, zoom));
    }
    int height = images.get(0).length;
    int width = height == 0 ? 0 : images.get(0)[0].length;
    for (float[][] image : images) {
      for (float[] row : image) {
        if (image.length != height || row.length != width) {
          throw new IllegalArgumentException("grid: images of more than one size");
        }
      }
    }
    if (width == 0) {
      throw new IllegalArgumentException("grid: images without pixels");
    }
    if (!captions.isEmpty() && captions.size() != images.size()) {
      throw new IllegalArgumentException(
          "grid: %d captions for %d images".formatted(captions.size(), images.size()));
    }
    int down = (images.size() + columns - 1) / columns;
    if (!rows.isEmpty() && rows.size() != down) {
      throw new IllegalArgumentException("grid: %d names for %d rows".formatted(rows.size(), down));
    }
    images = List.copyOf(images);
    captions = List.copyOf(captions);
    rows = List.copyOf(rows);
  }

  /** About as wide as high, and large enough to see. */
  public static Grid of(List<float[][]> images) {
    int columns = (int) Math.ceil(Math.sqrt(Math.max(1, images.size())));
    int side = images.isEmpty() ? 1 : Math.max(1, images.get(0).length);
    return new Grid(images, List.of(), List.of(), columns, Math.max(1, 84 / side), Range.EACH);
  }

  /** The same with a line of text under each image. */
  public Grid withCaptions(List<String> texts) {
    return new Grid(images, texts, rows, columns, zoom, range);
  }

  /** The same with a text to the left of each row, and so many images in one. */
  public Grid withRows(int count, List<String> texts) {
    return new Grid(images, captions, texts, count, zoom, range);
  }

  /** The same with so many images in a row. */
  public Grid withColumns(int count) {
    return new Grid(images, captions, rows, count, zoom, range);
  }

  /** The same, each pixel drawn as a square of so many. */
  public Grid withZoom(int factor) {
    return new Grid(images, captions, rows, columns, factor, range);
  }

  /** The same with another meaning of black and white. */
  public Grid withRange(Range other) {
    return new Grid(images, captions, rows, columns, zoom, other);
  }
}
