package org.adjoint.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Span;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Deals a data set out in batches, in a new random order each time it is iterated, or in its own
 * order. The order follows from the generator alone; the last batch may be shorter.
 *
 * <p>A training that was stopped goes on with the same batches, even in the middle of an epoch: see
 * {@link #state}.
 */
public final class Loader implements Iterable<Batch>, AutoCloseable {
  private final Dataset data;
  private final int batch;
  private final @Nullable Philox random;
  private final Augment augment;
  private final long seed;
  private final int ahead;
  private final @Nullable Device device;

  /** The epoch, the generator before its order was drawn, and the batch that comes next. */
  private record Place(long epoch, long generator, int batch) {}

  private Place place = new Place(0, 0, 0);
  private boolean resuming;
  private @Nullable Epoch current;

  private Loader(
      Dataset data,
      int batch,
      @Nullable Philox random,
      Augment augment,
      long seed,
      int ahead,
      @Nullable Device device) {
    if (batch < 1) {
      throw new IllegalArgumentException("loader: a batch of " + batch + " is none");
    }
    this.data = data;
    this.batch = batch;
    this.random = random;
    this.augment = augment;
    this.seed = seed;
    this.ahead = ahead;
    this.device = device;
  }

  /** Batches in a random order, another one each epoch. */
  public static Loader shuffled(Dataset data, int batch, Philox random) {
    return new Loader(data, batch, random, Augment.NONE, 0, 0, null);
  }

  /** Batches in a random order, another one each epoch, of the rows of two tensors. */
  public static Loader shuffled(Tensor inputs, Tensor targets, int batch, Philox random) {
    return shuffled(Dataset.of(inputs, targets), batch, random);
  }

  /** Batches in the order of the examples. */
  public static Loader inOrder(Dataset data, int batch) {
    return new Loader(data, batch, null, Augment.NONE, 0, 0, null);
  }

  /** Batches in the order of the rows of two tensors. */
  public static Loader inOrder(Tensor inputs, Tensor targets, int batch) {
    return inOrder(Dataset.of(inputs, targets), batch);
  }

  /**
   * This loader with its inputs changed by {@code augment}, otherwise in each epoch. The draws of a
   * batch follow from the seed, the epoch and the batch's number alone.
   */
  public Loader augmented(Augment augment, long seed) {
    return new Loader(data, batch, random, augment, seed, ahead, device);
  }

  /**
   * This loader with a thread of its own that prepares up to {@code batches} batches ahead: the
   * same ones, to the bit. What the data set throws comes out of {@code next()}. The thread ends
   * with the epoch, and when the next one is begun or the loader is closed.
   */
  public Loader prefetch(int batches) {
    if (batches < 1) {
      throw new IllegalArgumentException("loader: " + batches + " batches ahead are none");
    }
    return new Loader(data, batch, random, augment, seed, batches, device);
  }

  /**
   * This loader with its batches on {@code device}. If that is a GPU, a thread makes them, at least
   * one ahead (see {@link #prefetch}), and sends each there while the one before it is used. Close
   * a batch when it is done with, so that its memory serves one of the next.
   *
   * <p>The data set is to have its tensors on the CPU; one that lies on the device does without
   * this.
   */
  public Loader to(Device device) {
    int least = device.equals(Device.CPU) ? ahead : Math.max(1, ahead);
    return new Loader(data, batch, random, augment, seed, least, device);
  }

  /** Number of examples. */
  public int examples() {
    return data.size();
  }

  /** Number of batches in an epoch. */
  public int batches() {
    return Math.ceilDiv(examples(), batch);
  }

  /** Begins an epoch, or goes on with one after {@link #load}. */
  @Override
  public Iterator<Batch> iterator() {
    close();
    if (!resuming) {
      // An epoch left in the middle is over.
      place = new Place(place.batch == 0 ? place.epoch : place.epoch + 1, position(), 0);
    } else if (random != null) {
      random.seek(place.generator);
    }
    resuming = false;
    int[] order =
        random == null ? IntStream.range(0, examples()).toArray() : random.permutation(examples());
    current = new Epoch(order, place);
    return current;
  }

  private long position() {
    return random == null ? 0 : random.position();
  }

  /** Ends the thread of {@link #prefetch}, if one runs. The loader can still begin a new epoch. */
  @Override
  public void close() {
    if (current != null) {
      current.stop();
    }
  }

  /**
   * Where this loader is, for {@link #load} of one made in the same way: {@code epoch}, {@code
   * generator} and {@code batch}. Batches that were prepared but not handed out do not count.
   *
   * <p>The generator should serve this loader alone: going on in the middle of an epoch draws the
   * epoch's order once more.
   */
  public Map<String, Tensor> state() {
    long generator = place.batch == 0 && !resuming ? position() : place.generator;
    return Map.of(
        "epoch", Tensor.of(place.epoch),
        "generator", Tensor.of(generator),
        "batch", Tensor.of((long) place.batch));
  }

  /**
   * Takes over a {@link #state}: the next iteration begins with the batch that would have come.
   *
   * @throws IllegalArgumentException if it is not one of a loader with as many batches
   */
  public void load(Map<String, Tensor> state) {
    long next = number(state, "batch");
    if (next < 0 || next > Math.max(0, batches() - 1)) {
      throw new IllegalArgumentException(
          "loader: batch " + next + " is not one of " + batches() + "; is it another data set?");
    }
    Place loaded = new Place(number(state, "epoch"), number(state, "generator"), (int) next);
    close();
    current = null;
    place = loaded;
    resuming = true;
  }

  private static long number(Map<String, Tensor> state, String name) {
    Tensor tensor = state.get(name);
    if (tensor == null || tensor.shape().count() != 1 || !tensor.dtype().isIndex()) {
      throw new IllegalArgumentException("loader: its state needs a whole number " + name);
    }
    return tensor.toLongs()[0];
  }

  /** One way through the data set. */
  private final class Epoch implements Iterator<Batch> {
    private final int[] order;
    private final Place begin;
    private final @Nullable Prefetch prefetch;
    private int next;

    Epoch(int[] order, Place begin) {
      this.order = order;
      this.begin = begin;
      next = begin.batch;
      prefetch = ahead == 0 ? null : new Prefetch(next, batches(), ahead, this::prepare);
    }

    @Override
    public boolean hasNext() {
      return next < Math.ceilDiv(order.length, batch);
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try (Span _ = Span.open(Span.Part.DATA, "next batch")) {
        return deal();
      }
    }

    @SuppressWarnings("ReferenceEquality") // it is about this very epoch
    private Batch deal() {
      Batch dealt = prefetch == null ? prepare(next).take() : prefetch.take();
      next++;
      if (current == this) {
        place =
            hasNext()
                ? new Place(begin.epoch, begin.generator, next)
                : new Place(begin.epoch + 1, position(), 0);
      }
      return dealt;
    }

    private Prepared prepare(int number) {
      Batch made = make(number);
      return device == null ? Prepared.of(made) : Prepared.on(device, made);
    }

    private Batch make(int number) {
      int from = number * batch;
      int[] rows = Arrays.copyOfRange(order, from, Math.min(from + batch, order.length));
      Batch plain = data.get(rows);
      if (augment.equals(Augment.NONE)) {
        return plain;
      }
      try (plain;
          Scope making = Scope.open()) {
        Philox draws = new Philox(seed, begin.epoch * batches() + number);
        Tensor changed = Grad.off(() -> augment.apply(plain.inputs(), draws));
        return new Batch(making.keep(changed.detach()), making.keep(plain.targets().detach()));
      }
    }

    void stop() {
      if (prefetch != null) {
        prefetch.close();
      }
    }
  }
}
