package org.adjoint.samples.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.adjoint.data.Mnist;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.cli.UserError;

/** Finds files of data that the user keeps. */
public final class DataFolder {
  private DataFolder() {}

  /**
   * Looks for a file: with {@code --data} only there; else in the folder that the environment
   * variable {@code ADJOINT_DATA} names, then in the cache.
   *
   * @param file relative to the folder of all data
   * @param what it is, for people
   * @throws UserError if it is nowhere, with the places looked at
   */
  public static Path file(RunOptions options, String file, String what) {
    return file(options.data(), System.getenv().getOrDefault("ADJOINT_DATA", ""), file, what);
  }

  static Path file(Optional<Path> option, String variable, String file, String what) {
    List<Path> places = new ArrayList<>();
    if (option.isPresent()) {
      places.add(option.get());
    } else {
      if (!variable.isBlank()) {
        places.add(Path.of(variable));
      }
      places.add(Mnist.cacheFolder());
    }
    for (Path place : places) {
      if (Files.isRegularFile(place.resolve(file))) {
        return place.resolve(file);
      }
    }
    throw new UserError(
        "no %s: %s is not in %s; name its folder with --data or ADJOINT_DATA"
            .formatted(
                what, file, String.join(", ", places.stream().map(Path::toString).toList())));
  }
}
