package org.adjoint.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * MNIST, or anything in its form: grey 28×28 pictures of the digits 0 to 9, for training and for
 * test. (LeCun, Cortes, Burges: The MNIST database of handwritten digits.)
 *
 * <p>The arrays are handed out as they are, not copied. A picture is 784 bytes, row by row, 0
 * (paper) to 255 (ink); read a byte as unsigned, {@code b & 0xff}.
 *
 * @param trainImages {@code trainSize() · 784} bytes; 60,000 pictures in MNIST itself
 * @param trainLabels {@code trainSize()} digits 0..9
 * @param testImages {@code testSize() · 784} bytes; 10,000 pictures in MNIST itself
 * @param testLabels {@code testSize()} digits 0..9
 */
@SuppressWarnings("ArrayRecordComponent") // no one compares two data sets by equals
public record Mnist(byte[] trainImages, byte[] trainLabels, byte[] testImages, byte[] testLabels) {
  /** Height and width of a picture, in pixels. */
  public static final int SIDE = 28;

  /** Bytes of a picture. */
  public static final int PIXELS = SIDE * SIDE;

  /** The four files by their usual names, which may also end in .gz or have a dot for a dash. */
  private static final List<String> FILES =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");

  /**
   * Checks that images and labels agree.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Mnist {
    check("train", trainImages, trainLabels);
    check("test", testImages, testLabels);
  }

  private static void check(String part, byte[] images, byte[] labels) {
    if (images.length != (long) PIXELS * labels.length) {
      throw new IllegalArgumentException(
          "%s: %d bytes of images are not 784 for each of %d labels"
              .formatted(part, images.length, labels.length));
    }
    int wrong = firstWrong(labels);
    if (wrong >= 0) {
      throw new IllegalArgumentException(
          "%s: label %d is %d, not 0..9".formatted(part, wrong, labels[wrong] & 0xff));
    }
  }

  /** How many pictures there are to train on. */
  public int trainSize() {
    return trainLabels.length;
  }

  /** How many pictures there are to test with. */
  public int testSize() {
    return testLabels.length;
  }

  /**
   * Loads the four IDX files, plain or gzipped, from {@code dir} or from {@code dir/mnist}.
   *
   * @throws IOException in one line: a file is missing or not sound IDX, images are not 28×28,
   *     their number is not that of the labels, or a label is not 0..9
   */
  public static Mnist load(Path dir) throws IOException {
    Path home = folderIn(dir);
    if (home == null) {
      throw new IOException(
          "no MNIST in " + dir + " or " + dir.resolve("mnist") + missing(dir, "; "));
    }
    return loadFrom(home);
  }

  /** Loads the four files from just this folder. */
  static Mnist loadFrom(Path home) throws IOException {
    Path[] files = FILES.stream().map(name -> find(home, name)).toArray(Path[]::new);
    byte[] trainLabels = labels(files[1]);
    byte[] testLabels = labels(files[3]);
    return new Mnist(
        images(files[0], trainLabels.length), trainLabels,
        images(files[2], testLabels.length), testLabels);
  }

  private static byte[] labels(@Nullable Path file) throws IOException {
    IdxReader.Idx idx = read(file);
    if (idx.dims().length != 1) {
      throw new IOException(file + ": " + Arrays.toString(idx.dims()) + " is not a list of labels");
    }
    if (idx.data().length == 0) {
      throw new IOException(file + ": no labels in it");
    }
    int wrong = firstWrong(idx.data());
    if (wrong >= 0) {
      throw new IOException(
          "%s: label %d is %d, not 0..9".formatted(file, wrong, idx.data()[wrong] & 0xff));
    }
    return idx.data();
  }

  private static byte[] images(@Nullable Path file, int labels) throws IOException {
    IdxReader.Idx idx = read(file);
    int[] d = idx.dims();
    if (d.length != 3 || d[1] != SIDE || d[2] != SIDE) {
      throw new IOException(file + ": " + Arrays.toString(d) + " are not images of 28×28");
    }
    if (d[0] != labels) {
      throw new IOException(
          "%s: %d images, but %d labels in the file beside it".formatted(file, d[0], labels));
    }
    return idx.data();
  }

  private static IdxReader.Idx read(@Nullable Path file) throws IOException {
    if (file == null) {
      throw new IOException("an MNIST file vanished while its folder was read");
    }
    return IdxReader.read(file);
  }

  private static int firstWrong(byte[] labels) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] > 9) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Where {@link #locate} looked and what it found.
   *
   * @param folder the folder with the four files, for {@link #load}; null if none was found
   * @param looked the places looked at, in order, as one would say them to a user
   * @param asked whether the user named the place with {@code --data}
   */
  public record Location(@Nullable Path folder, List<String> looked, boolean asked) {
    /**
     * True if the user named a place that holds no MNIST. The caller must say so and stop: going on
     * with other data would answer a question that nobody asked.
     */
    public boolean askedInVain() {
      return asked && folder == null;
    }

    /** One line for the user. */
    public String message() {
      return folder != null
          ? "MNIST from " + folder
          : "no MNIST found; looked in " + String.join(", ", looked);
    }
  }

  /**
   * Looks for MNIST. With a {@code --data} option only there; else in the folder that the
   * environment variable {@code ADJOINT_DATA} names, then in {@link #cacheFolder()}. Each may hold
   * the files itself or in a folder {@code mnist}.
   *
   * @param dataOption the value of {@code --data}, null if the user gave none
   */
  public static Location locate(@Nullable Path dataOption) {
    return locate(dataOption, System.getenv(), Path.of(System.getProperty("user.home", "")));
  }

  static Location locate(@Nullable Path dataOption, Map<String, String> env, Path home) {
    record Place(String name, Path dir) {}
    var places = new ArrayList<Place>();
    if (dataOption != null) {
      places.add(new Place("--data", dataOption));
    } else {
      String data = env.getOrDefault("ADJOINT_DATA", "");
      if (!data.isBlank()) {
        places.add(new Place("ADJOINT_DATA", Path.of(data)));
      }
      places.add(new Place("the cache", cacheFolder(env, home)));
    }
    var looked = new ArrayList<String>();
    for (Place place : places) {
      looked.add(place.name + " " + place.dir + missing(place.dir, " "));
      Path folder = folderIn(place.dir);
      if (folder != null) {
        return new Location(folder, List.copyOf(looked), dataOption != null);
      }
    }
    return new Location(null, List.copyOf(looked), dataOption != null);
  }

  /**
   * Where fetched data is kept: {@code $XDG_CACHE_HOME/adjoint}, or {@code ~/.cache/adjoint}. It
   * need not exist.
   */
  public static Path cacheFolder() {
    return cacheFolder(System.getenv(), Path.of(System.getProperty("user.home", "")));
  }

  private static Path cacheFolder(Map<String, String> env, Path home) {
    String xdg = env.getOrDefault("XDG_CACHE_HOME", "");
    // The XDG Base Directory Specification: a relative path is to be ignored.
    boolean usable = !xdg.isBlank() && Path.of(xdg).isAbsolute();
    return (usable ? Path.of(xdg) : home.resolve(".cache")).resolve("adjoint");
  }

  /** {@code dir} or {@code dir/mnist}, whichever has all four files, or null. */
  private static @Nullable Path folderIn(Path dir) {
    for (Path folder : List.of(dir, dir.resolve("mnist"))) {
      if (isComplete(folder)) {
        return folder;
      }
    }
    return null;
  }

  static boolean isComplete(Path folder) {
    return FILES.stream().allMatch(name -> find(folder, name) != null);
  }

  /** If some of the four files are there but not all: a remark on which are not. */
  private static String missing(Path dir, String before) {
    for (Path folder : List.of(dir, dir.resolve("mnist"))) {
      List<String> lacking = FILES.stream().filter(name -> find(folder, name) == null).toList();
      if (!lacking.isEmpty() && lacking.size() < FILES.size()) {
        return before + "(" + folder + " lacks " + String.join(", ", lacking) + ")";
      }
    }
    return "";
  }

  private static @Nullable Path find(Path dir, String name) {
    String dotted = name.replace("-idx", ".idx");
    for (String variant : List.of(name, name + ".gz", dotted, dotted + ".gz")) {
      if (Files.isRegularFile(dir.resolve(variant))) {
        return dir.resolve(variant);
      }
    }
    return null;
  }
}
