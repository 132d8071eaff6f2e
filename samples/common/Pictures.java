package org.adjoint.samples.common;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.adjoint.samples.cli.UserError;

/**
 * Draws pictures into a folder, as PNG, and says where each is. On a Java without java.desktop, or
 * without fonts, it says so once, and the sample goes on without.
 */
public final class Pictures {
  private final Path folder;
  private final PrintWriter out;
  private final String obstacle;
  private boolean said;

  private Pictures(Path folder, PrintWriter out, String obstacle) {
    this.folder = folder;
    this.out = out;
    this.obstacle = obstacle;
  }

  /** For pictures in {@code folder}, which is made when the first one is. */
  public static Pictures in(Path folder, PrintWriter out) {
    if (ModuleLayer.boot().findModule("java.desktop").isEmpty()) {
      return new Pictures(folder, out, "this Java has no java.desktop");
    }
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true"); // before AWT looks for a screen
    }
    return new Pictures(folder, out, Paper.canWrite() ? "" : "this Java finds no fonts");
  }

  /**
   * Draws lines, and swarms of points, over a common x.
   *
   * @param file its name in the folder, ending in .png
   * @return whether there is a picture now
   */
  public boolean lines(String file, String title, String x, String y, List<Series> series) {
    return !skips() && save(file, Chart.lines(title, x, y, false, series));
  }

  /** As {@link #lines}, with y on a logarithmic axis; what is not above 0 is left out. */
  public boolean logLines(String file, String title, String x, String y, List<Series> series) {
    return !skips() && save(file, Chart.lines(title, x, y, true, series));
  }

  /** Draws small grey images side by side; a value that is no number is drawn red. */
  public boolean grid(String file, String title, Grid grid) {
    return !skips() && save(file, GridDrawing.of(title, grid));
  }

  /** Draws a surface from above, with lines of equal height, and paths or points upon it. */
  public boolean surface(
      String file, String title, String x, String y, Surface surface, List<Series> paths) {
    return !skips() && save(file, SurfaceDrawing.of(title, x, y, surface, paths));
  }

  /** Draws a table of numbers in shades: the greater, the darker. */
  public boolean heatMap(String file, String title, HeatMap map) {
    return !skips() && save(file, HeatMapDrawing.of(title, map));
  }

  private boolean skips() {
    if (!obstacle.isEmpty() && !said) {
      out.println("pictures skipped: " + obstacle);
      out.flush();
      said = true;
    }
    return !obstacle.isEmpty();
  }

  /** Writes beside the file, then moves over it: a picture under its name is whole. */
  private boolean save(String name, byte[] png) {
    Path file = folder.resolve(name);
    Path part = folder.resolve(name + "." + ProcessHandle.current().pid() + ".part");
    try {
      Files.createDirectories(folder);
      try {
        Files.write(part, png);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UserError(file + ": the picture cannot be written: " + e, e);
    }
    out.println("picture: " + file);
    out.flush();
    return true;
  }
}
