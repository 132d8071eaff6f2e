package org.adjoint;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Slot;
import org.adjoint.backend.Backend;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cuda.Recording;
import org.adjoint.op.Abs;
import org.adjoint.op.Add;
import org.adjoint.op.AddScalar;
import org.adjoint.op.And;
import org.adjoint.op.ArgMax;
import org.adjoint.op.ArgMin;
import org.adjoint.op.Cast;
import org.adjoint.op.Clamp;
import org.adjoint.op.Compare;
import org.adjoint.op.CompareScalar;
import org.adjoint.op.Concat;
import org.adjoint.op.Copy;
import org.adjoint.op.Cos;
import org.adjoint.op.CrossEntropy;
import org.adjoint.op.Cumsum;
import org.adjoint.op.Div;
import org.adjoint.op.DivScalar;
import org.adjoint.op.Exp;
import org.adjoint.op.Expand;
import org.adjoint.op.Gather;
import org.adjoint.op.Gelu;
import org.adjoint.op.IndexSelect;
import org.adjoint.op.LeakyRelu;
import org.adjoint.op.Log;
import org.adjoint.op.Log1p;
import org.adjoint.op.LogSoftmax;
import org.adjoint.op.LogSumExp;
import org.adjoint.op.MaskedFill;
import org.adjoint.op.MatMul;
import org.adjoint.op.Max;
import org.adjoint.op.Maximum;
import org.adjoint.op.Mean;
import org.adjoint.op.Min;
import org.adjoint.op.Minimum;
import org.adjoint.op.Mse;
import org.adjoint.op.Mul;
import org.adjoint.op.MulScalar;
import org.adjoint.op.Norm;
import org.adjoint.op.Not;
import org.adjoint.op.OneHot;
import org.adjoint.op.Or;
import org.adjoint.op.Permute;
import org.adjoint.op.Picked;
import org.adjoint.op.Pow;
import org.adjoint.op.Prod;
import org.adjoint.op.Relation;
import org.adjoint.op.Relu;
import org.adjoint.op.Repeat;
import org.adjoint.op.Reshape;
import org.adjoint.op.Sigmoid;
import org.adjoint.op.Sign;
import org.adjoint.op.Silu;
import org.adjoint.op.Sin;
import org.adjoint.op.Slice;
import org.adjoint.op.Softmax;
import org.adjoint.op.Softplus;
import org.adjoint.op.Sort;
import org.adjoint.op.Split;
import org.adjoint.op.Sqrt;
import org.adjoint.op.Stack;
import org.adjoint.op.Std;
import org.adjoint.op.Sub;
import org.adjoint.op.Sum;
import org.adjoint.op.Tanh;
import org.adjoint.op.ToDevice;
import org.adjoint.op.Triangle;
import org.adjoint.op.Var;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array on some device, perhaps with a gradient.
 *
 * <p>Calls return new values; views (transpose, slice, …) share the elements of what they view. The
 * one way to change elements is {@link #assign}. Dtypes are never mixed silently: only Java numbers
 * adapt, to the dtype of the tensor they meet.
 *
 * <p>A tensor lives as long as the {@link Scope} it was made in, or, where none was open, as any
 * Java object. Using a closed one is an {@link IllegalStateException}.
 */
public final class Tensor implements AutoCloseable {
  private Storage storage;
  private Layout layout;
  private final @Nullable Op madeBy;
  private @Nullable Slot slot;
  private @Nullable Tensor grad;
  private @Nullable Scope scope;
  private @Nullable String closedBy;

  /** Takes over one hold on {@code storage}. */
  Tensor(Storage storage, Layout layout, @Nullable Op madeBy) {
    this.storage = storage;
    this.layout = layout;
    this.madeBy = madeBy;
    scope = Scope.current();
    if (scope != null) {
      scope.add(this);
    }
  }

  // ---- making tensors ------------------------------------------------------------------------

  /** A vector of F64. */
  public static Tensor of(double... values) {
    return of(Shape.of(values.length), values);
  }

  /** A vector of F32. */
  public static Tensor of(float... values) {
    return of(Shape.of(values.length), values);
  }

  /** A vector of I32. */
  public static Tensor of(int... values) {
    return of(Shape.of(values.length), values);
  }

  /** A vector of I64. */
  public static Tensor of(long... values) {
    return of(Shape.of(values.length), values);
  }

  /** A tensor of F64 from its elements in row-major order. */
  public static Tensor of(Shape shape, double... values) {
    return ofArray(shape, DType.F64, values, values.length);
  }

  /** A tensor of F32 from its elements in row-major order. */
  public static Tensor of(Shape shape, float... values) {
    return ofArray(shape, DType.F32, values, values.length);
  }

  /** A tensor of I64 from its elements in row-major order. */
  public static Tensor of(Shape shape, long... values) {
    return ofArray(shape, DType.I64, values, values.length);
  }

  /** A tensor of I32 from its elements in row-major order. */
  public static Tensor of(Shape shape, int... values) {
    return ofArray(shape, DType.I32, values, values.length);
  }

  /** A tensor of U8 from its elements in row-major order. */
  public static Tensor of(Shape shape, byte... values) {
    return ofArray(shape, DType.U8, values, values.length);
  }

  /** A tensor of BOOL from its elements in row-major order. */
  public static Tensor of(Shape shape, boolean... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return ofArray(shape, DType.BOOL, bytes, bytes.length);
  }

  /**
   * A tensor of any dtype from its elements' bytes in row-major order, in the machine's byte order.
   *
   * @throws IllegalArgumentException if the segment has not just as many bytes
   */
  public static Tensor of(Shape shape, DType dtype, MemorySegment bytes) {
    Meta meta = new Meta(shape, dtype, Device.CPU);
    requireSize("of", meta, bytes);
    if (dtype == DType.BOOL) {
      // Any byte but 0 is true, and kept as 1.
      try (Tensor raw = of(shape, DType.U8, bytes)) {
        return raw.to(DType.BOOL);
      }
    }
    Backend backend = Backend.of(Device.CPU);
    Storage storage = backend.allocate(dtype, shape.count());
    backend.write(bytes, storage);
    return new Tensor(storage, Layout.contiguous(shape), null);
  }

  /** As {@link #of(Shape, DType, MemorySegment)}, from what remains of a buffer. */
  public static Tensor of(Shape shape, DType dtype, ByteBuffer bytes) {
    return of(shape, dtype, MemorySegment.ofBuffer(bytes));
  }

  private static void requireSize(String op, Meta meta, MemorySegment bytes) {
    long size = meta.shape().count() * meta.dtype().bytes();
    if (bytes.byteSize() != size) {
      throw new IllegalArgumentException(
          op + ": " + meta + " takes " + size + " bytes, not " + bytes.byteSize());
    }
  }

  private static Tensor ofArray(Shape shape, DType dtype, Object array, int length) {
    if (shape.count() != length) {
      throw new IllegalArgumentException(
          "of: " + shape + " has " + shape.count() + " elements, but " + length + " were given");
    }
    return ofArray(new Meta(shape, dtype, Device.CPU), array);
  }

  private static Tensor ofArray(Meta meta, Object array) {
    Backend backend = Backend.of(meta.device());
    Storage storage = backend.allocate(meta.dtype(), meta.shape().count());
    try (Span _ = Span.memory("write", meta, 1)) {
      backend.write(array, storage);
    }
    return new Tensor(storage, Layout.contiguous(meta.shape()), null);
  }

  /** A scalar of F64. */
  public static Tensor scalar(double value) {
    return of(Shape.SCALAR, value);
  }

  /** Zeros of F32 on the CPU. */
  public static Tensor zeros(long... sizes) {
    return full(new Meta(Shape.of(sizes), DType.F32, Device.CPU), 0);
  }

  /** Ones of F32 on the CPU. */
  public static Tensor ones(long... sizes) {
    return full(new Meta(Shape.of(sizes), DType.F32, Device.CPU), 1);
  }

  /** Zeros that look like {@code meta}. */
  public static Tensor zeros(Meta meta) {
    return full(meta, 0);
  }

  /** Ones that look like {@code meta}. */
  public static Tensor ones(Meta meta) {
    return full(meta, 1);
  }

  /** {@code value} everywhere. */
  public static Tensor full(Meta meta, double value) {
    Backend backend = Backend.of(meta.device());
    Storage storage = backend.allocate(meta.dtype(), meta.shape().count());
    try (Span _ = Span.memory("fill", meta, 1)) {
      backend.fill(storage, value);
    }
    return new Tensor(storage, Layout.contiguous(meta.shape()), null);
  }

  /** 0, 1, … {@code count} − 1 as I64. */
  public static Tensor arange(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("arange: " + count + " is negative");
    }
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return of(values);
  }

  /** Draws from the uniform distribution on [low, high), F32 on the CPU. */
  public static Tensor uniform(Philox random, double low, double high, long... sizes) {
    return uniform(new Meta(Shape.of(sizes), DType.F32, Device.CPU), random, low, high);
  }

  /**
   * Draws what looks like {@code meta}, F32 or F64, from the uniform distribution on [low, high):
   * where it shall lie, and on each device the same bits.
   */
  public static Tensor uniform(Meta meta, Philox random, double low, double high) {
    return drawn("uniform", meta, (backend, to) -> backend.drawUniform(to, random, low, high));
  }

  /** Draws from the standard normal distribution, F32 on the CPU. */
  public static Tensor normal(Philox random, long... sizes) {
    return normal(new Meta(Shape.of(sizes), DType.F32, Device.CPU), random);
  }

  /**
   * Draws what looks like {@code meta}, F32 or F64, from the standard normal distribution: where it
   * shall lie, and on each device the same bits.
   */
  public static Tensor normal(Meta meta, Philox random) {
    return drawn("normal", meta, (backend, to) -> backend.drawNormal(to, random));
  }

  private static Tensor drawn(String who, Meta meta, BiConsumer<Backend, Storage> draw) {
    if (meta.dtype() != DType.F32 && meta.dtype() != DType.F64) {
      throw new IllegalArgumentException(
          who
              + ": "
              + meta.dtype()
              + " is not drawn; draw F32 and convert it with to(DType."
              + meta.dtype()
              + ")");
    }
    Backend backend = Backend.of(meta.device());
    Storage storage = backend.allocate(meta.dtype(), meta.shape().count());
    try (Span _ = Span.memory(who, meta, 1)) {
      draw.accept(backend, storage);
    }
    return new Tensor(storage, Layout.contiguous(meta.shape()), null);
  }

  /** Applies {@code op}; most operations have a method of their own below, or on their class. */
  public static Tensor[] apply(Op op, Tensor... in) {
    return Dispatch.apply(op, in);
  }

  // ---- what it is ----------------------------------------------------------------------------

  /** Sizes along the axes. */
  public Shape shape() {
    return layout.shape();
  }

  /** Size along {@code axis}; negative axes count from the end. */
  public long size(int axis) {
    return shape().size(axis);
  }

  /** Number of axes. */
  public int rank() {
    return shape().rank();
  }

  /** Type of each element. */
  public DType dtype() {
    return storage.dtype();
  }

  /** Where the elements lie. */
  public Device device() {
    return storage.device();
  }

  /** Shape, dtype and device. */
  public Meta meta() {
    return new Meta(shape(), dtype(), device());
  }

  /** The elements, perhaps shared with other tensors. */
  public Storage storage() {
    return storage;
  }

  /** How this tensor's elements lie in its storage. */
  public Layout layout() {
    return layout;
  }

  Operand operand() {
    return new Operand(storage, layout);
  }

  /** A few words for messages: what it looks like, and what made it. */
  public String describe() {
    return "tensor "
        + dtype()
        + " "
        + shape()
        + (madeBy == null ? "" : " made by " + madeBy.name());
  }

  /** The elements as one likes to read them; long axes are shortened. */
  @Override
  public String toString() {
    return closedBy == null ? TensorText.of(this) : describe() + ", closed by " + closedBy;
  }

  // ---- elements in and out -------------------------------------------------------------------

  /**
   * The only element, as a double.
   *
   * @throws IllegalArgumentException if there is not exactly one
   */
  public double item() {
    if (shape().count() != 1) {
      throw new IllegalArgumentException(
          "item: " + shape() + " has " + shape().count() + " elements, not one");
    }
    requireComputed("item");
    return toDoubles()[0];
  }

  /** The elements in row-major order, whatever their type, as doubles. */
  public double[] toDoubles() {
    requireComputed("toDoubles");
    return (double[]) toArray(DType.F64);
  }

  /** The elements in row-major order as floats; other floating dtypes are rounded. */
  public float[] toFloats() {
    requireComputed("toFloats");
    return (float[]) toArray(DType.F32);
  }

  /**
   * The elements in row-major order as longs.
   *
   * @throws IllegalArgumentException for floating dtypes
   */
  public long[] toLongs() {
    if (dtype().isFloating()) {
      throw new IllegalArgumentException(
          "toLongs: " + dtype() + " would be cut; use to(DType.I64)");
    }
    requireComputed("toLongs");
    return (long[]) toArray(DType.I64);
  }

  /**
   * A fresh Java array of the elements in row-major order: {@code double[]} for F64, {@code
   * float[]} F32, {@code short[]} BF16 and F16 (their bits), {@code long[]} I64, {@code int[]} I32,
   * {@code byte[]} U8 and BOOL.
   */
  public Object toArray() {
    requireOpen("toArray");
    requireComputed("toArray");
    try (Span _ = Span.memory("read", meta(), 1)) {
      return Backend.of(device()).read(operand());
    }
  }

  /**
   * Writes the elements' bytes in row-major order, in the machine's byte order.
   *
   * @throws IllegalArgumentException if the segment has not just as many bytes
   */
  public void copyTo(MemorySegment bytes) {
    requireOpen("copyTo");
    requireComputed("copyTo");
    requireSize("copyTo", meta(), bytes);
    try (Span _ = Span.memory("read", meta(), 1)) {
      Backend.of(device()).read(operand(), bytes);
    }
  }

  /** As {@link #copyTo(MemorySegment)}, into what remains of a buffer. */
  public void copyTo(ByteBuffer bytes) {
    copyTo(MemorySegment.ofBuffer(bytes));
  }

  private void requireComputed(String who) {
    if (Recording.isOn()) {
      Recording.refuseReading(who, describe(), device());
    }
  }

  private Object toArray(DType dtype) {
    try (Scope _ = Scope.open()) {
      return Grad.off(() -> to(dtype)).toArray();
    }
  }

  /**
   * Overwrites the elements with those of {@code value}; the only call that changes a tensor. It is
   * not recorded: no gradient flows through it, and a backward that needs the old elements fails.
   *
   * @param value on this tensor's device or on another one
   * @throws IllegalArgumentException if shape or dtype differ
   * @throws IllegalStateException if this tensor was computed and has a gradient
   */
  public Tensor assign(Tensor value) {
    requireOpen("assign");
    value.requireOpen("assign");
    if (!value.shape().equals(shape()) || value.dtype() != dtype()) {
      throw new IllegalArgumentException(
          "assign: " + value.meta() + " does not fit into " + meta());
    }
    requireAssignable();
    Recording.refuseElsewhere("assign", device());
    try (Span _ = Span.memory("assign", meta(), 2);
        Scope _ = Scope.open()) {
      // A view of the same storage would be overwritten while it is read.
      boolean own = value.storage == storage;
      Tensor source =
          !own && value.device().equals(device())
              ? value
              : Grad.off(() -> own ? new Copy().apply(value) : value.to(device()));
      Backend.of(device()).copy(source.operand(), operand());
    }
    Recording.bumpVersion(storage);
    return this;
  }

  void requireAssignable() {
    if (slot != null && slot.node() != null) {
      throw new IllegalStateException(
          "assign: " + describe() + " is part of a graph; assign to its detach() if that is meant");
    }
    for (int axis = 0; axis < rank(); axis++) {
      if (shape().count() > 0 && size(axis) > 1 && layout.stride(axis) == 0) {
        throw new IllegalArgumentException(
            "assign: "
                + describe()
                + " is expanded, one element stands for many; assign to its"
                + " contiguous()");
      }
    }
  }

  /**
   * Assigns several tensors at once what {@code kernel} makes of them: its inputs are {@code
   * changed} and then {@code read}, its outputs take the place of {@code changed}. Element i of a
   * result must depend on elements i alone. Nothing is copied where all lie in order: the step of
   * an optimiser is one pass.
   *
   * @throws IllegalArgumentException if the tensors are not of one shape, dtype and device
   * @throws IllegalStateException if a tensor to change was computed and has a gradient
   */
  public static void update(Kernel kernel, Tensor[] changed, Tensor... read) {
    updateAll(kernel, new Tensor[][] {changed}, new Tensor[][] {read});
  }

  /**
   * As {@link #update}, for several groups of tensors by one run of {@code kernel}: its inputs are
   * {@code changed[0]}, {@code read[0]}, {@code changed[1]}, {@code read[1]}, …, its outputs take
   * the place of all that is changed. Each group has a shape of its own.
   *
   * @throws IllegalArgumentException if the tensors of a group are not of one shape, or all are not
   *     of one dtype and device
   * @throws IllegalStateException if a tensor to change was computed and has a gradient
   */
  public static void updateAll(Kernel kernel, Tensor[][] changed, Tensor[][] read) {
    Update.run(kernel, changed, read);
  }

  // ---- gradient ------------------------------------------------------------------------------

  /**
   * Asks for gradients: from now on, what is computed from this tensor is recorded. Returns this.
   *
   * @throws IllegalArgumentException if the dtype is not floating
   */
  public Tensor requireGrad() {
    requireOpen("requireGrad");
    if (!dtype().isFloating()) {
      throw new IllegalArgumentException("requireGrad: " + dtype() + " has no gradients");
    }
    if (slot == null) {
      slot = Slot.leaf(this);
    }
    return this;
  }

  /** Whether a gradient may be asked for. */
  public boolean requiresGrad() {
    return slot != null;
  }

  /** The place of this value in the graph; null if it has no gradient. */
  public @Nullable Slot slot() {
    return slot;
  }

  /** Puts this value, the output of an operation, into the graph. */
  public void setSlot(Slot slot) {
    this.slot = slot;
  }

  /** Computes ∂this/∂x for all leaves x and adds it to {@code x.grad()}; frees the graph. */
  public void backward() {
    backward(false);
  }

  /**
   * Computes ∂this/∂x for all leaves x and adds it to {@code x.grad()}.
   *
   * @param retainGraph whether another backward may follow through the same graph
   * @throws IllegalArgumentException if this is not a single number, or has no gradient
   * @throws IllegalStateException if the graph was freed, or a value it needs was changed or closed
   */
  public void backward(boolean retainGraph) {
    requireOpen("backward");
    Grad.backward(this, retainGraph);
  }

  /**
   * The gradient that backward collected.
   *
   * @throws IllegalStateException if no backward has reached this tensor since zeroGrad
   */
  public Tensor grad() {
    if (grad == null) {
      throw new IllegalStateException(
          "grad: no backward has reached "
              + describe()
              + (requiresGrad()
                  ? "; call backward() on a loss made from it"
                  : "; call requireGrad()"));
    }
    return grad;
  }

  /** Whether backward has left a gradient here. */
  public boolean hasGrad() {
    return grad != null;
  }

  /**
   * Lets backward keep the gradient of this computed value in {@link #grad}, as it does for leaves.
   */
  public Tensor retainGrad() {
    requireSlot("retainGrad").retain(this);
    return this;
  }

  /**
   * Adds a function that sees the gradient of this value once it is complete, and returns what
   * shall take its place.
   */
  public Tensor onGrad(UnaryOperator<Tensor> hook) {
    requireSlot("onGrad").addHook(hook);
    return this;
  }

  private Slot requireSlot(String who) {
    if (slot == null) {
      throw new IllegalArgumentException(who + ": " + describe() + " has no gradient");
    }
    return slot;
  }

  /** Closes and forgets the gradient. */
  public void zeroGrad() {
    if (grad != null) {
      grad.close("zeroGrad");
      grad = null;
    }
  }

  /** Adds to the gradient. The result lives where this tensor lives, not where backward ran. */
  public void accumulateGrad(Tensor gradient) {
    requireOpen("backward");
    Tensor old = grad;
    if (old != null && Recording.isOn()) {
      Recording.refuseAddingTo(old.storage, describe());
    }
    Tensor sum = old == null ? own(gradient) : old.add(gradient);
    sum.moveTo(scope);
    grad = sum;
    if (old != null) {
      old.close("the next backward, which added to it");
    }
  }

  private static Tensor own(Tensor gradient) {
    // An expanded gradient could not be assigned to, as clipping does.
    return gradient.layout.isContiguous()
        ? gradient.alias(gradient.layout, null)
        : new Copy().apply(gradient);
  }

  /** The same elements without a gradient. */
  public Tensor detach() {
    requireOpen("detach");
    return alias(layout, null);
  }

  /**
   * Brings the elements, and the gradient, to {@code device}. This stays the tensor that it was, so
   * that a parameter remains its model's; views that were taken before keep the old elements.
   *
   * @throws IllegalStateException if this was computed and has a gradient
   */
  public Tensor relocate(Device device) {
    return become("relocate", dtype(), device);
  }

  /**
   * Converts the elements, and the gradient, to {@code dtype}. This stays the tensor that it was,
   * as with {@link #relocate}.
   *
   * @throws IllegalStateException if this was computed and has a gradient
   */
  public Tensor convert(DType dtype) {
    return become("convert", dtype, device());
  }

  private Tensor become(String who, DType dtype, Device device) {
    requireOpen(who);
    if (dtype == dtype() && device.equals(device())) {
      return this;
    }
    if (slot != null && slot.node() != null) {
      throw new IllegalStateException(
          who + ": " + describe() + " is part of a graph; to(…) gives another tensor");
    }
    try (Scope _ = Scope.open()) {
      Tensor moved = Grad.off(() -> to(dtype).to(device).contiguous());
      moved.storage.retain();
      storage.release();
      storage = moved.storage;
      layout = moved.layout;
    }
    if (slot != null) {
      slot = slot.relocated(this);
    }
    if (grad != null) {
      grad.become(who, dtype, device);
    }
    return this;
  }

  // ---- life ----------------------------------------------------------------------------------

  /** Another tensor on the same storage, not in the graph. */
  Tensor alias(Layout other, @Nullable Op by) {
    storage.retain();
    return new Tensor(storage, other, by);
  }

  @Nullable Scope scope() {
    return scope;
  }

  /** Makes {@code target} the scope of this tensor and of its gradient. */
  void moveTo(@Nullable Scope target) {
    if (grad != null) {
      grad.moveTo(target);
    }
    scope = target;
    if (target != null) {
      target.add(this);
    }
  }

  /** Gives the elements back, unless another tensor views them. Closing again does nothing. */
  @Override
  public void close() {
    if (closedBy == null) {
      close("close() at " + CallSite.ofUser());
    }
  }

  void close(String by) {
    if (closedBy == null) {
      closedBy = by;
      storage.release();
      zeroGrad();
    }
  }

  /**
   * Checks that this tensor was not closed.
   *
   * @param user what is about to use it, for the message
   * @throws IllegalStateException naming the tensor and what closed it
   */
  public void requireOpen(String user) {
    if (closedBy != null) {
      throw new IllegalStateException(
          user
              + ": "
              + describe()
              + " was closed by "
              + closedBy
              + "; keep() it, or use it before");
    }
  }

  // ---- arithmetic ----------------------------------------------------------------------------

  /** Sum, element by element, with broadcasting. */
  public Tensor add(Tensor other) {
    return Add.of(this, other);
  }

  /** Each element plus {@code c}. */
  public Tensor add(double c) {
    return new AddScalar(c).apply(this);
  }

  /** Difference, element by element, with broadcasting. */
  public Tensor sub(Tensor other) {
    return Sub.of(this, other);
  }

  /** Each element minus {@code c}. */
  public Tensor sub(double c) {
    return new AddScalar(-c).apply(this);
  }

  /** Product, element by element, with broadcasting. */
  public Tensor mul(Tensor other) {
    return Mul.of(this, other);
  }

  /** Each element times {@code c}. */
  public Tensor mul(double c) {
    return new MulScalar(c).apply(this);
  }

  /** Quotient, element by element, with broadcasting. */
  public Tensor div(Tensor other) {
    return Div.of(this, other);
  }

  /** Each element divided by {@code c}. */
  public Tensor div(double c) {
    return new DivScalar(c).apply(this);
  }

  /** Each element's negative. */
  public Tensor neg() {
    return mul(-1);
  }

  /** Each element to the power {@code p}. */
  public Tensor pow(double p) {
    return new Pow(p).apply(this);
  }

  /** Square root of each element. */
  public Tensor sqrt() {
    return new Sqrt().apply(this);
  }

  /** Each element without its sign. */
  public Tensor abs() {
    return new Abs().apply(this);
  }

  /** −1, 0 or 1, as each element is below, at or above 0. */
  public Tensor sign() {
    return new Sign().apply(this);
  }

  /** Each element, but {@code min} where it is below, and {@code max} where it is above. */
  public Tensor clamp(double min, double max) {
    return new Clamp(min, max).apply(this);
  }

  /** The larger of each two elements, with broadcasting. */
  public Tensor maximum(Tensor other) {
    return Maximum.of(this, other);
  }

  /** The smaller of each two elements, with broadcasting. */
  public Tensor minimum(Tensor other) {
    return Minimum.of(this, other);
  }

  /** e to the power of each element. */
  public Tensor exp() {
    return new Exp().apply(this);
  }

  /** Natural logarithm of each element. */
  public Tensor log() {
    return new Log().apply(this);
  }

  /** ln(1 + x) of each element, exact near 0 too. */
  public Tensor log1p() {
    return new Log1p().apply(this);
  }

  /** Sine of each element, in radians. */
  public Tensor sin() {
    return new Sin().apply(this);
  }

  /** Cosine of each element, in radians. */
  public Tensor cos() {
    return new Cos().apply(this);
  }

  /** The larger of each element and 0. */
  public Tensor relu() {
    return new Relu().apply(this);
  }

  /** Each element where it is above 0, else {@code slope} times it. */
  public Tensor leakyRelu(double slope) {
    return LeakyRelu.of(this, slope);
  }

  /** x Φ(x) of each element, Φ the standard normal distribution. */
  public Tensor gelu() {
    return Gelu.of(this);
  }

  /** x · sigmoid(x) of each element. */
  public Tensor silu() {
    return Silu.of(this);
  }

  /** ln(1 + eˣ) of each element. */
  public Tensor softplus() {
    return new Softplus(1).apply(this);
  }

  /** Hyperbolic tangent of each element. */
  public Tensor tanh() {
    return new Tanh().apply(this);
  }

  /** 1 / (1 + e⁻ˣ) of each element. */
  public Tensor sigmoid() {
    return new Sigmoid().apply(this);
  }

  /**
   * Matrix product of the last two axes, with broadcasting of those before; vectors as matrices.
   */
  public Tensor matmul(Tensor other) {
    return MatMul.of(this, other);
  }

  // ---- truth values --------------------------------------------------------------------------

  /** Whether each element equals the other, with broadcasting; BOOL. */
  public Tensor eq(Tensor other) {
    return Compare.of(Relation.EQ, this, other);
  }

  /** Whether each element equals {@code c}; BOOL. */
  public Tensor eq(double c) {
    return CompareScalar.of(Relation.EQ, this, c);
  }

  /** Whether each element differs from the other, with broadcasting; BOOL. */
  public Tensor ne(Tensor other) {
    return Compare.of(Relation.NE, this, other);
  }

  /** Whether each element differs from {@code c}; BOOL. */
  public Tensor ne(double c) {
    return CompareScalar.of(Relation.NE, this, c);
  }

  /** Whether each element is below the other, with broadcasting; BOOL. */
  public Tensor lt(Tensor other) {
    return Compare.of(Relation.LT, this, other);
  }

  /** Whether each element is below {@code c}; BOOL. */
  public Tensor lt(double c) {
    return CompareScalar.of(Relation.LT, this, c);
  }

  /** Whether each element is at most the other, with broadcasting; BOOL. */
  public Tensor le(Tensor other) {
    return Compare.of(Relation.LE, this, other);
  }

  /** Whether each element is at most {@code c}; BOOL. */
  public Tensor le(double c) {
    return CompareScalar.of(Relation.LE, this, c);
  }

  /** Whether each element is above the other, with broadcasting; BOOL. */
  public Tensor gt(Tensor other) {
    return Compare.of(Relation.GT, this, other);
  }

  /** Whether each element is above {@code c}; BOOL. */
  public Tensor gt(double c) {
    return CompareScalar.of(Relation.GT, this, c);
  }

  /** Whether each element is at least the other, with broadcasting; BOOL. */
  public Tensor ge(Tensor other) {
    return Compare.of(Relation.GE, this, other);
  }

  /** Whether each element is at least {@code c}; BOOL. */
  public Tensor ge(double c) {
    return CompareScalar.of(Relation.GE, this, c);
  }

  /** Of truth values, whether both hold, with broadcasting. */
  public Tensor and(Tensor other) {
    return And.of(this, other);
  }

  /** Of truth values, whether one of the two holds, or both, with broadcasting. */
  public Tensor or(Tensor other) {
    return Or.of(this, other);
  }

  /** Of truth values, whether each does not hold. */
  public Tensor not() {
    return new Not().apply(this);
  }

  // ---- reductions ----------------------------------------------------------------------------

  /** Sum of all elements, a scalar. */
  public Tensor sum() {
    return Sum.of(this);
  }

  /** Sum along {@code axes}, which are dropped. */
  public Tensor sum(int... axes) {
    return Sum.of(this, false, axes);
  }

  /** Sum along {@code axes}, which stay with size 1. */
  public Tensor sumKeepDims(int... axes) {
    return Sum.of(this, true, axes);
  }

  /** Mean of all elements, a scalar. */
  public Tensor mean() {
    return Mean.of(this);
  }

  /** Mean along {@code axes}, which are dropped. */
  public Tensor mean(int... axes) {
    return Mean.of(this, axes);
  }

  /** Index of the largest element along {@code axis}, which is dropped; I64, no gradient. */
  public Tensor argmax(int axis) {
    return ArgMax.of(this, axis);
  }

  /** Index of the smallest element along {@code axis}, which is dropped; I64, no gradient. */
  public Tensor argmin(int axis) {
    return ArgMin.of(this, axis);
  }

  /** The largest of all elements, a scalar. */
  public Tensor max() {
    return Max.of(this);
  }

  /** The largest elements along {@code axis}, which is dropped. */
  public Tensor max(int axis) {
    return Max.of(this, axis);
  }

  /** The smallest of all elements, a scalar. */
  public Tensor min() {
    return Min.of(this);
  }

  /** The smallest elements along {@code axis}, which is dropped. */
  public Tensor min(int axis) {
    return Min.of(this, axis);
  }

  /** Unbiased variance of all elements, a scalar. */
  public Tensor var() {
    return Var.of(this);
  }

  /** Unbiased variance along {@code axes}, which are dropped. */
  public Tensor var(int... axes) {
    return Var.of(this, 1, axes);
  }

  /** Standard deviation of all elements, the root of {@link #var()}. */
  public Tensor std() {
    return Std.of(this);
  }

  /** Standard deviation along {@code axes}, which are dropped. */
  public Tensor std(int... axes) {
    return Std.of(this, 1, axes);
  }

  /** Euclidean norm of all elements, a scalar. */
  public Tensor norm() {
    return Norm.of(this);
  }

  /** (Σ |x|ᵖ)^(1/p) along {@code axes}, which are dropped. */
  public Tensor norm(double p, int... axes) {
    return Norm.of(this, p, axes);
  }

  /** Product of all elements, a scalar. */
  public Tensor prod() {
    return Prod.of(this);
  }

  /** Product along {@code axis}, which is dropped. */
  public Tensor prod(int axis) {
    return Prod.of(this, axis);
  }

  /** Sums of the first elements, one more each time, along {@code axis}. */
  public Tensor cumsum(int axis) {
    return new Cumsum(axis).apply(this);
  }

  /** ln Σ eˣ along {@code axis}, which is dropped. */
  public Tensor logsumexp(int axis) {
    return LogSumExp.of(this, axis);
  }

  /** eˣ / Σ eˣ along {@code axis}. */
  public Tensor softmax(int axis) {
    return new Softmax(axis).apply(this);
  }

  /** log(eˣ / Σ eˣ) along {@code axis}. */
  public Tensor logSoftmax(int axis) {
    return new LogSoftmax(axis).apply(this);
  }

  /** Mean cross-entropy of logits [N, C] against class indices [N]. */
  public Tensor crossEntropy(Tensor labels) {
    return CrossEntropy.of(this, labels);
  }

  /** Mean of the squared differences. */
  public Tensor mse(Tensor target) {
    return Mse.of(this, target);
  }

  // ---- views and indexing --------------------------------------------------------------------

  /** Axis i of the result is axis {@code axes[i]} of this; a view. */
  public Tensor permute(int... axes) {
    return Permute.of(this, axes);
  }

  /** Two axes exchanged; a view. */
  public Tensor transpose(int a, int b) {
    return Permute.transpose(this, a, b);
  }

  /** The last two axes exchanged; a view. */
  public Tensor t() {
    return transpose(-2, -1);
  }

  /** The same elements under other sizes, one of which may be −1; a view where that is possible. */
  public Tensor reshape(long... sizes) {
    return Reshape.of(this, sizes);
  }

  /** Axes from {@code first} on made one. */
  public Tensor flatten(int first) {
    return Reshape.flatten(this, first);
  }

  /** A new axis of size 1 at {@code axis}; a view. */
  public Tensor unsqueeze(int axis) {
    return Reshape.unsqueeze(this, axis);
  }

  /** Without the axis {@code axis}, whose size must be 1; a view. */
  public Tensor squeeze(int axis) {
    return Reshape.squeeze(this, axis);
  }

  /** Axes of size 1, and new leading ones, repeated to {@code shape}; a view. */
  public Tensor expand(Shape shape) {
    return Expand.of(this, shape);
  }

  /** The elements start, start + 1, … stop − 1 along {@code axis}; a view. */
  public Tensor slice(int axis, long start, long stop) {
    return Slice.of(this, axis, start, stop, 1);
  }

  /** As {@link #slice(int, long, long)}, taking each {@code step}-th; step may be negative. */
  public Tensor slice(int axis, long start, long stop, long step) {
    return Slice.of(this, axis, start, stop, step);
  }

  /** The element {@code index} along {@code axis}, which is dropped; a view. */
  public Tensor select(int axis, long index) {
    return Slice.select(this, axis, index);
  }

  /** {@code axis} in reverse order; a view. */
  public Tensor flip(int axis) {
    return Slice.flip(this, axis);
  }

  /** The tensors one after the other along {@code axis}. */
  public static Tensor concat(int axis, Tensor... tensors) {
    return Concat.of(axis, tensors);
  }

  /** The tensors, all of one shape, along a new axis. */
  public static Tensor stack(int axis, Tensor... tensors) {
    return Stack.of(axis, tensors);
  }

  /** Parts of the given sizes along {@code axis}; views. */
  public Tensor[] split(int axis, long... sizes) {
    return Split.of(this, axis, sizes);
  }

  /** At most {@code count} parts along {@code axis}, all but the last of one size; views. */
  public Tensor[] chunk(int axis, int count) {
    return Split.chunks(this, axis, count);
  }

  /** This laid side by side, {@code counts[i]} times along axis i. */
  public Tensor repeat(long... counts) {
    return Repeat.of(this, counts);
  }

  /** The elements [.., i, j] with j ≤ i + diagonal, zeros elsewhere. */
  public Tensor tril(long diagonal) {
    return Triangle.lower(this, diagonal);
  }

  /** The elements [.., i, j] with j ≥ i + diagonal, zeros elsewhere. */
  public Tensor triu(long diagonal) {
    return Triangle.upper(this, diagonal);
  }

  /** {@code value} where {@code mask}, BOOL, holds; this elsewhere. */
  public Tensor maskedFill(Tensor mask, double value) {
    return MaskedFill.of(this, mask, value);
  }

  /** Indices [..] as rows [.., classes], 1 at the index and 0 elsewhere. */
  public Tensor oneHot(long classes) {
    return OneHot.of(this, classes);
  }

  /** The elements in rising order along {@code axis}, and the indices they had. */
  public Picked sort(int axis) {
    return Sort.of(this, axis, false);
  }

  /** The elements laid out in row-major order: this tensor if they are, else a copy. */
  public Tensor contiguous() {
    return layout.isContiguous() ? this : new Copy().apply(this);
  }

  /** For each position of {@code index}, the element of this at that index along {@code axis}. */
  public Tensor gather(int axis, Tensor index) {
    return new Gather(axis).apply(this, index);
  }

  /** The slices of this along {@code axis} that the vector {@code index} names. */
  public Tensor indexSelect(int axis, Tensor index) {
    return new IndexSelect(axis).apply(this, index);
  }

  /** The elements converted to {@code dtype}: this tensor if they are of it. */
  public Tensor to(DType dtype) {
    return dtype == dtype() ? this : new Cast(dtype).apply(this);
  }

  /** The elements on {@code device}: this tensor if they are there. */
  public Tensor to(Device device) {
    return ToDevice.of(this, device);
  }
}
