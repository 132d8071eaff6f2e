package org.adjoint;

/**
 * Random numbers by Philox 4x32-10 (Salmon et al., <i>Parallel random numbers: as easy as 1, 2,
 * 3</i>, 2011).
 *
 * <p>Philox has no state that walks along. It is a function, {@link #block}, that scrambles a
 * counter of 128 bits under a key of 64 bits, the seed, to four words of 32 bits. So any number of
 * a sequence can be had without those before it, in any order and on any device.
 *
 * <p>The {@code fill} methods make use of that. Element i of a fill at offset o depends on (seed, o
 * + i) alone: with e = o + i, it is made of half a block,
 *
 * <pre>
 *   (w₀, w₁, w₂, w₃) = block(counter e div 2, key seed)
 *   (hi, lo) = (w₀, w₁) if e is even, (w₂, w₃) if e is odd
 *   uniform  = the upper 53 bits of hi:lo, times 2⁻⁵³; in float the upper 24 bits of hi, times 2⁻²⁴
 *   normal   = r · cos φ if e is even, r · sin φ if e is odd   (Box–Muller, in double), where
 *              r = √(−2 ln(1 − uniform(w₀, w₁))) and φ = 2π · uniform(w₂, w₃)
 * </pre>
 *
 * so a float fill draws the numbers of the double fill, rounded. An instance is a generator in the
 * usual sense, for code that asks for one number after the other; it may be stopped and taken up
 * again at its {@link #position}. The logarithm and the rest are {@link StrictMath}'s, the same
 * bits on every JVM.
 */
public final class Philox {
  private static final int ROUNDS = 10;

  private static final double TO_UNIT_DOUBLE = 0x1p-53;
  private static final float TO_UNIT_FLOAT = 0x1p-24f;

  private final long seed;
  private final long stream;
  private final int[] words = new int[4];

  /** Words drawn so far; {@code words} is the block of the word before, if it lies in one. */
  private long position;

  private boolean fresh;

  /** A generator at the beginning of stream 0. */
  public Philox(long seed) {
    this(seed, 0);
  }

  /** A generator at the beginning of one of the 2⁶⁴ streams of a seed; no two of them overlap. */
  public Philox(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  /**
   * The function itself: ten rounds over the counter, each with its own key.
   *
   * @param low the lower two words of the counter
   * @param high the upper two
   * @param key both words of the key
   * @param out receives the four words
   */
  public static void block(long low, long high, long key, int[] out) {
    int c0 = (int) low;
    int c1 = (int) (low >>> 32);
    int c2 = (int) high;
    int c3 = (int) (high >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (c0 & 0xFFFFFFFFL) * 0xD2511F53L;
      long p1 = (c2 & 0xFFFFFFFFL) * 0xCD9E8D57L;
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += 0x9E3779B9; // the golden ratio
      k1 += 0xBB67AE85; // √3 − 1
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  // Fills: element i is a function of (seed, offset + i).

  /** Uniform numbers in [0, 1), multiples of 2⁻⁵³. */
  public static void fillUniform(long seed, long offset, double[] out, int from, int n) {
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      int half = half(seed, offset + i, i == 0, w);
      out[from + i] = uniform(w[half], w[half + 1]);
    }
  }

  /** Uniform numbers in [0, 1), multiples of 2⁻²⁴: those of the double fill, rounded down. */
  public static void fillUniform(long seed, long offset, float[] out, int from, int n) {
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      int half = half(seed, offset + i, i == 0, w);
      out[from + i] = uniform(w[half]);
    }
  }

  /** Normal numbers, of mean 0 and variance 1. */
  public static void fillNormal(long seed, long offset, double[] out, int from, int n) {
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      out[from + i] = normal(w, half(seed, offset + i, i == 0, w));
    }
  }

  /** Normal numbers: those of the double fill, rounded. */
  public static void fillNormal(long seed, long offset, float[] out, int from, int n) {
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      out[from + i] = (float) normal(w, half(seed, offset + i, i == 0, w));
    }
  }

  /** Sees to it that {@code w} is the block of an element; returns where its half begins. */
  private static int half(long seed, long element, boolean first, int[] w) {
    boolean odd = (element & 1) != 0;
    if (first || !odd) {
      block(element >>> 1, 0, seed, w);
    }
    return odd ? 2 : 0;
  }

  private static float uniform(int word) {
    return (word >>> 8) * TO_UNIT_FLOAT;
  }

  private static double uniform(int high, int low) {
    long bits = ((long) high << 32) | (low & 0xFFFFFFFFL);
    return (bits >>> 11) * TO_UNIT_DOUBLE;
  }

  private static double normal(int[] w, int half) {
    double r = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(w[0], w[1])));
    double phi = 2 * Math.PI * uniform(w[2], w[3]);
    return r * (half == 0 ? StrictMath.cos(phi) : StrictMath.sin(phi));
  }

  // A generator: one number after the other.

  /** What the generator was made with. */
  public long seed() {
    return seed;
  }

  /** Which of the seed's streams this is. */
  public long stream() {
    return stream;
  }

  /** How many words have been drawn. */
  public long position() {
    return position;
  }

  /** Goes on as after {@code position} words. */
  public void seek(long position) {
    this.position = position;
    fresh = false;
  }

  /** The next word: any of the 2³² ints. Word p of stream s is {@code block(p / 4, s)[p mod 4]}. */
  public int nextInt() {
    int at = (int) (position & 3);
    if (at == 0 || !fresh) {
      block(position >>> 2, stream, seed, words);
      fresh = true;
    }
    position++;
    return words[at];
  }

  /** The next two words, the first of them above. */
  public long nextLong() {
    long high = nextInt();
    return (high << 32) | (nextInt() & 0xFFFFFFFFL);
  }

  /** Uniform in [0, 1), from 24 bits of one word. */
  public float nextFloat() {
    return uniform(nextInt());
  }

  /** Uniform in [0, 1), from 53 bits of two words. */
  public double nextDouble() {
    int high = nextInt();
    return uniform(high, nextInt());
  }

  /** Normal, of mean 0 and variance 1, from four words. */
  public double nextGaussian() {
    double r = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
    return r * StrictMath.cos(2 * Math.PI * nextDouble());
  }

  /**
   * Uniform in 0 .. bound − 1, every value exactly as likely as the others (Lemire, 2019): the
   * upper half of word · bound, drawn anew in the rare case that the lower half falls among the
   * first 2³² mod bound values, which are one too many.
   */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("nextInt: bound " + bound + " is less than 1");
    }
    long product = (nextInt() & 0xFFFFFFFFL) * bound;
    long low = product & 0xFFFFFFFFL;
    if (low < bound) {
      long surplus = (1L << 32) % bound;
      while (low < surplus) {
        product = (nextInt() & 0xFFFFFFFFL) * bound;
        low = product & 0xFFFFFFFFL;
      }
    }
    return (int) (product >>> 32);
  }

  /** Brings {@code a} into random order, each order as likely as the others (Fisher–Yates). */
  public void shuffle(int[] a) {
    for (int i = a.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int t = a[i];
      a[i] = a[j];
      a[j] = t;
    }
  }

  /** 0 .. n − 1 in random order. */
  public int[] permutation(int n) {
    int[] a = new int[n];
    for (int i = 0; i < n; i++) {
      a[i] = i;
    }
    shuffle(a);
    return a;
  }
}
