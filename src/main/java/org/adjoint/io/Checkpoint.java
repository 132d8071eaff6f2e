package org.adjoint.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.Philox;
import org.adjoint.Tensor;

/**
 * All that a training needs to be taken up again to the same bits, in one safetensors file.
 *
 * <pre>{@code
 * new Checkpoint()
 *     .put("model", model.state())
 *     .put("optimiser", sgd.state())
 *     .put("shuffle", random)
 *     .put("epoch", epoch)
 *     .save(file);
 *
 * Checkpoint saved = Checkpoint.load(file);
 * saved.restore("model", model.parameters());
 * sgd.load(saved.tensors("optimiser"));
 * saved.restore("shuffle", random);
 * long epoch = saved.number("epoch");
 * }</pre>
 *
 * <p>The tensors of a group stand in the file as {@code group.name}, generators and numbers among
 * the metadata. Saving replaces the file in one piece: a process killed at any moment leaves the
 * old checkpoint or the new one.
 */
public final class Checkpoint {
  private static final String FORMAT = "format";
  private static final String VERSION = "adjoint checkpoint 1";

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> remarks = new LinkedHashMap<>();

  /** One without anything in it. */
  public Checkpoint() {
    remarks.put(FORMAT, VERSION);
  }

  /** Adds a group of tensors; they are read when the checkpoint is saved. */
  public Checkpoint put(String group, Map<String, Tensor> named) {
    named.forEach((name, tensor) -> {
      if (tensors.putIfAbsent(group + "." + name, tensor) != null) {
        throw new IllegalArgumentException(
            "checkpoint: " + group + "." + name + " is there already");
      }
    });
    return this;
  }

  /** Adds where a generator stands now. */
  public Checkpoint put(String name, Philox random) {
    return remark(name, text(random) + " at " + random.position());
  }

  /** Adds a number, such as that of the epoch. */
  public Checkpoint put(String name, long number) {
    return remark(name, Long.toString(number));
  }

  private Checkpoint remark(String name, String text) {
    if (remarks.putIfAbsent(name, text) != null) {
      throw new IllegalArgumentException("checkpoint: '" + name + "' is there already");
    }
    return this;
  }

  private static String text(Philox random) {
    return "seed " + random.seed() + " stream " + random.stream();
  }

  /**
   * Writes all that was put here.
   *
   * @throws IOException if the disk does not take it; the old file is then as it was
   */
  public void save(Path file) throws IOException {
    new Safetensors(tensors, remarks).write(file);
  }

  /**
   * Reads a file. Its tensors join the innermost scope.
   *
   * @throws IOException as {@link Safetensors#read}, or if the file is no checkpoint
   */
  public static Checkpoint load(Path file) throws IOException {
    Safetensors read = Safetensors.read(file);
    if (!VERSION.equals(read.metadata().get(FORMAT))) {
      throw new IOException(file + ": no checkpoint: its metadata does not say '" + VERSION + "'");
    }
    Checkpoint checkpoint = new Checkpoint();
    checkpoint.tensors.putAll(read.tensors());
    checkpoint.remarks.putAll(read.metadata());
    return checkpoint;
  }

  /** The tensors of a group, by their names in it. */
  public Map<String, Tensor> tensors(String group) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith(group + ".")) {
        found.put(name.substring(group.length() + 1), tensor);
      }
    });
    return found;
  }

  /**
   * Overwrites each tensor of {@code into} with the saved one of its name.
   *
   * @throws IllegalArgumentException if a name, a shape or a dtype differs; then none is changed
   */
  public void restore(String group, Map<String, Tensor> into) {
    Map<String, Tensor> saved = tensors(group);
    if (!saved.keySet().equals(into.keySet())) {
      throw new IllegalArgumentException(
          "checkpoint: '%s' was saved with %s, not %s"
              .formatted(group, saved.keySet(), into.keySet()));
    }
    into.forEach((name, tensor) -> {
      Tensor value = saved.getOrDefault(name, tensor);
      if (value.dtype() != tensor.dtype() || !value.shape().equals(tensor.shape())) {
        throw new IllegalArgumentException(
            "checkpoint: '%s.%s' was saved as %s %s, not %s %s"
                .formatted(
                    group, name, value.dtype(), value.shape(), tensor.dtype(), tensor.shape()));
      }
    });
    into.forEach((name, tensor) -> tensor.assign(saved.getOrDefault(name, tensor)));
  }

  /**
   * Takes a generator to where the saved one stood.
   *
   * @throws IllegalArgumentException if the saved one had another seed or stream, or is none
   */
  public void restore(String name, Philox random) {
    String saved = remark(name);
    String start = text(random) + " at ";
    if (!saved.startsWith(start)) {
      throw new IllegalArgumentException(
          "checkpoint: '%s' was saved as %s, not %s"
              .formatted(name, Quoted.of(saved), text(random)));
    }
    random.seek(number(name, saved.substring(start.length())));
  }

  /**
   * A number that was saved.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public long number(String name) {
    return number(name, remark(name));
  }

  private static long number(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "checkpoint: '" + name + "' is no number but " + Quoted.of(text), e);
    }
  }

  private String remark(String name) {
    String text = remarks.get(name);
    if (text == null) {
      throw new IllegalArgumentException("checkpoint: no '" + name + "' was saved");
    }
    return text;
  }
}
