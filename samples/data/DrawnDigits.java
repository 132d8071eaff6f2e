package org.adjoint.samples.data;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.adjoint.data.Mnist;

/**
 * Digits in MNIST's form that need no download: 28×28 grey pictures, drawn here.
 *
 * <p>A digit is the outline of a glyph from one of the JDK's logical fonts, or a pen's way along a
 * few points that tremble from picture to picture. It is then
 *
 * <ol>
 *   <li>rotated, sheared and stretched at random, and fitted into a box of 20×20 pixels;
 *   <li>drawn at twice the size, and sampled down through an elastic distortion: each pixel looks
 *       for its ink a little aside, by a random field that a Gaussian has made smooth (Simard,
 *       Steinkraus and Platt: Best Practices for Convolutional Neural Networks Applied to Visual
 *       Document Analysis, 2003);
 *   <li>moved by whole pixels until its centre of mass is the picture's centre, as MNIST's are.
 * </ol>
 *
 * <p>Picture i depends on the seed and on i alone, not on the number of threads. The fonts are the
 * machine's: the same seed gives the same bytes on the same machine, and where no font can be
 * loaded, all digits are the pen's.
 */
public final class DrawnDigits {
  /** Pictures to train on, unless told otherwise. */
  public static final int TRAIN = 12_000;

  /** Pictures to test with, unless told otherwise. */
  public static final int TEST = 2_000;

  private static final int SIDE = Mnist.SIDE;
  private static final int BOX = 20; // pixels; MNIST's digits are fitted into this square

  private static final double MAX_ROTATION = Math.toRadians(15);
  private static final double MAX_SHEAR = 0.2;
  private static final double MAX_STRETCH = 0.2;
  private static final double TREMBLE = 0.035; // of a digit's height

  // The paper's values for handwriting at 29×29 pixels: displacements of 1.4 pixels (one sigma).
  // Each picture takes its own strength, from a third of α to all of it.
  private static final double SIGMA = 4;
  private static final double ALPHA = 34;
  private static final float[] GAUSS = gauss(SIGMA);

  /**
   * Strokes of each digit as x, y, x, y, … in a square of side 1, y downwards. The pen runs
   * smoothly through the points of a stroke; a point written twice makes a corner.
   */
  private static final double[][][] STROKES = {
    {{.5, 0, .25, .12, .13, .5, .25, .88, .5, 1, .75, .88, .87, .5, .75, .12, .5, 0}},
    {{.52, 0, .5, .5, .48, 1}},
    {{.15, .25, .35, .02, .7, .08, .75, .35, .5, .65, .12, .97, .12, .97, .5, .93, .9, .97}},
    {{.2, .1, .5, 0, .78, .2, .45, .45, .45, .45, .8, .62, .75, .9, .45, 1, .15, .88}},
    {{.35, 0, .25, .3, .12, .62, .12, .62, .5, .62, .9, .58}, {.68, .25, .66, .6, .62, 1}},
    {{.8, .02, .3, .02, .3, .02, .22, .42, .22, .42, .6, .4, .8, .65, .6, .95, .15, .93}},
    {{.7, 0, .35, .25, .18, .65, .35, .97, .68, .92, .75, .65, .5, .52, .22, .72}},
    {{.12, .08, .5, .06, .85, .05, .85, .05, .6, .45, .4, 1}},
    {
      {
        .74, .14, .5, 0, .26, .13, .3, .34, .5, .47, .72, .62, .76, .86, .5, 1, .24, .86, .28, .62,
        .5, .47, .7, .34, .74, .14
      }
    },
    {{.76, .25, .5, .03, .24, .22, .4, .48, .7, .38, .76, .18, .72, .6, .62, 1}},
  };

  /** One style for the ten digits: the d-th glyph is the outline of digit d at some size. */
  private record Face(List<Shape> glyphs) {}

  private final long seed;
  private final List<Face> faces;

  DrawnDigits(long seed, boolean withFonts) {
    this.seed = seed;
    this.faces = withFonts ? faces() : List.of();
  }

  /** Draws {@link #TRAIN} and {@link #TEST} pictures. */
  public static Mnist draw(long seed) {
    return draw(seed, TRAIN, TEST);
  }

  /**
   * Draws {@code train} pictures to train on and {@code test} others, all different, on all cores.
   * The labels come at random, each digit as often as another.
   *
   * @throws IllegalArgumentException if a number is negative or more than an array can hold
   */
  public static Mnist draw(long seed, int train, int test) {
    int most = Integer.MAX_VALUE / Mnist.PIXELS;
    if (train < 0 || test < 0 || train > most || test > most) {
      throw new IllegalArgumentException(
          "drawn digits: %d train, %d test: each must be 0..%d".formatted(train, test, most));
    }
    var drawn = new DrawnDigits(seed, true);
    byte[] trainImages = new byte[train * Mnist.PIXELS];
    byte[] trainLabels = new byte[train];
    drawn.fill(trainImages, trainLabels, 0);
    byte[] testImages = new byte[test * Mnist.PIXELS];
    byte[] testLabels = new byte[test];
    drawn.fill(testImages, testLabels, train);
    return new Mnist(trainImages, trainLabels, testImages, testLabels);
  }

  /** Draws the pictures number {@code first}, {@code first} + 1, … */
  void fill(byte[] images, byte[] labels, int first) {
    IntStream.range(0, labels.length)
        .parallel()
        .forEach(i -> {
          var random = new SplittableRandom(mix(seed + mix(first + i)));
          int digit = random.nextInt(10);
          labels[i] = (byte) digit;
          byte[] image = centre(distort(ink(outline(digit, random)), random));
          System.arraycopy(image, 0, images, i * Mnist.PIXELS, image.length);
        });
  }

  /** SplitMix64's finaliser: neighbouring numbers become unrelated seeds. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** The faces of the logical fonts that look different, or none if fonts do not work here. */
  private static List<Face> faces() {
    var faces = new ArrayList<Face>();
    var seen = new HashSet<String>();
    try {
      var context = new FontRenderContext(null, true, true);
      for (String family : List.of(Font.SERIF, Font.SANS_SERIF, Font.MONOSPACED, Font.DIALOG)) {
        for (int style : new int[] {Font.PLAIN, Font.BOLD, Font.ITALIC, Font.BOLD | Font.ITALIC}) {
          Font font = new Font(family, style, 100);
          var glyphs = new ArrayList<Shape>();
          var points = new StringBuilder();
          boolean complete = true;
          for (int d = 0; d < 10; d++) {
            Shape glyph = font.createGlyphVector(context, Integer.toString(d)).getOutline();
            glyphs.add(glyph);
            complete &= !glyph.getBounds2D().isEmpty();
            points.append(points(glyph));
          }
          if (complete && seen.add(points.toString())) {
            faces.add(new Face(glyphs));
          }
        }
      }
    } catch (RuntimeException | LinkageError | InternalError e) {
      // A slim JRE without fontconfig or freetype throws any of these; the pen needs neither.
      return List.of();
    }
    return faces;
  }

  private static String points(Shape shape) {
    var text = new StringBuilder();
    double[] xy = new double[6];
    for (PathIterator p = shape.getPathIterator(null, 0.5); !p.isDone(); p.next()) {
      p.currentSegment(xy);
      text.append(xy[0]).append(',').append(xy[1]).append(' ');
    }
    return text.toString();
  }

  /** The digit's outline, in pixels of the picture, within a box of 20×20 about the middle. */
  private Shape outline(int digit, SplittableRandom random) {
    // Each face as often as another, the pen as often as three of them.
    int which = random.nextInt(faces.size() + 3);
    var slant = new AffineTransform();
    slant.rotate(within(MAX_ROTATION, random));
    slant.shear(within(MAX_SHEAR, random), 0);
    slant.scale(1 + within(MAX_STRETCH, random), 1 + within(MAX_STRETCH, random));
    double size = random.nextDouble(0.85 * BOX, BOX);
    double pen = random.nextDouble(1.6, 3.2); // pixels
    if (which < faces.size()) {
      return fit(slant.createTransformedShape(faces.get(which).glyphs.get(digit)), size, random);
    }
    Shape line = fit(slant.createTransformedShape(line(digit, random)), size - pen, random);
    var stroke = new BasicStroke((float) pen, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
    return stroke.createStrokedShape(line);
  }

  /** Scales a shape until its longer side is {@code size}, about the middle of the picture. */
  private static Shape fit(Shape shape, double size, SplittableRandom random) {
    Rectangle2D bounds = shape.getBounds2D();
    double scale = size / Math.max(bounds.getWidth(), bounds.getHeight());
    // Half a pixel either way: what the centring by whole pixels leaves of a translation.
    var place = new AffineTransform();
    place.translate(SIDE / 2.0 + within(0.5, random), SIDE / 2.0 + within(0.5, random));
    place.scale(scale, scale);
    place.translate(-bounds.getCenterX(), -bounds.getCenterY());
    return place.createTransformedShape(shape);
  }

  /** The pen's way: a Catmull-Rom spline through the trembling points of each stroke. */
  private static Path2D line(int digit, SplittableRandom random) {
    var path = new Path2D.Double();
    for (double[] stroke : STROKES[digit]) {
      double[] p = stroke.clone();
      for (int i = 0; i < p.length; i++) {
        boolean corner =
            i >= 2 && stroke[i] == stroke[i - 2] && stroke[i ^ 1] == stroke[(i ^ 1) - 2];
        p[i] = corner ? p[i - 2] : p[i] + within(TREMBLE, random);
      }
      path.moveTo(p[0], p[1]);
      for (int i = 0; i + 3 < p.length; i += 2) {
        int before = Math.max(i - 2, 0);
        int after = Math.min(i + 4, p.length - 2);
        path.curveTo(
            p[i] + (p[i + 2] - p[before]) / 6,
            p[i + 1] + (p[i + 3] - p[before + 1]) / 6,
            p[i + 2] - (p[after] - p[i]) / 6,
            p[i + 3] - (p[after + 1] - p[i + 1]) / 6,
            p[i + 2],
            p[i + 3]);
      }
    }
    return path;
  }

  /** The shape filled, with smooth edges, at twice the picture's size. */
  private static byte[] ink(Shape shape) {
    var canvas = new BufferedImage(2 * SIDE, 2 * SIDE, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D g = canvas.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.scale(2, 2);
    g.fill(shape);
    g.dispose();
    return ((DataBufferByte) canvas.getRaster().getDataBuffer()).getData();
  }

  /** Samples {@code ink} (56×56) down to 28×28: the mean of four points, each looked for aside. */
  private static byte[] distort(byte[] ink, SplittableRandom random) {
    double alpha = random.nextDouble(ALPHA / 3, ALPHA);
    float[] dx = field(alpha, random);
    float[] dy = field(alpha, random);
    byte[] image = new byte[Mnist.PIXELS];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        float u = 2 * (x + dx[y * SIDE + x]);
        float v = 2 * (y + dy[y * SIDE + x]);
        float sum =
            sample(ink, u, v)
                + sample(ink, u + 1, v)
                + sample(ink, u, v + 1)
                + sample(ink, u + 1, v + 1);
        image[y * SIDE + x] = (byte) Math.round(sum / 4);
      }
    }
    return image;
  }

  /** Ink at a point between pixels, from the four around it; there is none outside. */
  private static float sample(byte[] ink, float u, float v) {
    int x = (int) Math.floor(u);
    int y = (int) Math.floor(v);
    if (x < 0 || y < 0 || x >= 2 * SIDE - 1 || y >= 2 * SIDE - 1) {
      return 0;
    }
    float a = u - x;
    float b = v - y;
    int i = y * 2 * SIDE + x;
    float top = (1 - a) * (ink[i] & 0xff) + a * (ink[i + 1] & 0xff);
    int j = i + 2 * SIDE;
    float bottom = (1 - a) * (ink[j] & 0xff) + a * (ink[j + 1] & 0xff);
    return (1 - b) * top + b * bottom;
  }

  /** A smooth random field: α times (uniform noise in −1..1, convolved with a Gaussian of σ). */
  private static float[] field(double alpha, SplittableRandom random) {
    float[] noise = new float[Mnist.PIXELS];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) (alpha * within(1, random));
    }
    return blurRows(blurRows(noise)); // each pass blurs along rows and turns the picture over
  }

  /** Convolves each row with the Gaussian and writes it as a column. Outside there is 0. */
  private static float[] blurRows(float[] from) {
    float[] to = new float[from.length];
    int reach = GAUSS.length / 2;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        float sum = 0;
        for (int k = Math.max(0, x - reach); k <= Math.min(SIDE - 1, x + reach); k++) {
          sum += from[y * SIDE + k] * GAUSS[k - x + reach];
        }
        to[x * SIDE + y] = sum;
      }
    }
    return to;
  }

  private static float[] gauss(double sigma) {
    int reach = (int) Math.ceil(3 * sigma);
    float[] weights = new float[2 * reach + 1];
    for (int i = -reach; i <= reach; i++) {
      weights[i + reach] =
          (float) (Math.exp(-i * i / (2 * sigma * sigma)) / (sigma * Math.sqrt(2 * Math.PI)));
    }
    return weights;
  }

  /**
   * Moves the picture by whole pixels until its centre of mass is within half a pixel of 14, 14.
   */
  private static byte[] centre(byte[] image) {
    long mass = 0;
    long alongX = 0;
    long alongY = 0;
    for (int i = 0; i < image.length; i++) {
      int ink = image[i] & 0xff;
      mass += ink;
      alongX += (long) ink * (i % SIDE);
      alongY += (long) ink * (i / SIDE);
    }
    // A pixel's middle lies half a pixel beyond its index.
    int right = (int) Math.round(SIDE / 2.0 - 0.5 - (double) alongX / mass);
    int down = (int) Math.round(SIDE / 2.0 - 0.5 - (double) alongY / mass);
    byte[] moved = new byte[image.length];
    for (int y = Math.max(0, -down); y < Math.min(SIDE, SIDE - down); y++) {
      for (int x = Math.max(0, -right); x < Math.min(SIDE, SIDE - right); x++) {
        moved[(y + down) * SIDE + x + right] = image[y * SIDE + x];
      }
    }
    return moved;
  }

  private static double within(double bound, SplittableRandom random) {
    return random.nextDouble(-bound, bound);
  }
}
