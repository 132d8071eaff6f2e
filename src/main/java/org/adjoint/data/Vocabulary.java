package org.adjoint.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Numbers for the pieces of a text: its characters, or its words. */
public final class Vocabulary {
  /** What stands for every word that has no number of its own. */
  public static final String UNKNOWN = "<unk>";

  /** Letters and digits with what holds them together (it's, well-known), or any other sign. */
  private static final Pattern WORD =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}_]+(?:['’-][\\p{L}\\p{M}\\p{N}_]+)*|[^\\s\\p{Z}]");

  private final List<String> pieces;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final boolean words;

  private Vocabulary(Stream<String> pieces, boolean words) {
    this.pieces = pieces.toList();
    this.words = words;
    for (String piece : this.pieces) {
      numbers.put(piece, numbers.size());
    }
  }

  /** The characters (code points) of {@code text}, in Unicode's order, from 0 on. */
  public static Vocabulary ofCharacters(String text) {
    return new Vocabulary(
        text.codePoints().distinct().sorted().mapToObj(Character::toString), false);
  }

  /**
   * The most frequent words of {@code text}, and signs by themselves; 0 is {@link #UNKNOWN}. Words
   * that are as frequent stand in Java's order of strings.
   *
   * @param most how many numbers there shall be at most, with that of the unknown
   * @param least how often a word must occur
   * @throws IllegalArgumentException if one of them is less than 1
   */
  public static Vocabulary ofWords(String text, int most, int least) {
    if (most < 1 || least < 1) {
      throw new IllegalArgumentException(
          "vocabulary: at most " + most + " and at least " + least + " must both be 1 or more");
    }
    Map<String, Long> counts =
        words(text)
            .collect(
                Collectors.groupingBy(
                    Function.identity(), LinkedHashMap::new, Collectors.counting()));
    Stream<String> frequent =
        counts.entrySet().stream()
            .filter(e -> e.getValue() >= least)
            .sorted(
                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(most - 1)
            .map(Map.Entry::getKey);
    return new Vocabulary(Stream.concat(Stream.of(UNKNOWN), frequent), true);
  }

  /** The words of {@code text} and its other signs, without the space between them. */
  public static Stream<String> words(String text) {
    return WORD.matcher(text).results().map(match -> match.group());
  }

  /** How many numbers there are. */
  public int size() {
    return pieces.size();
  }

  /** The piece of number {@code i}. */
  public String piece(int i) {
    return pieces.get(i);
  }

  /**
   * The numbers of {@code text}'s pieces.
   *
   * @throws IllegalArgumentException for a character that has none (a word is then unknown)
   */
  public int[] encode(String text) {
    return words
        ? words(text).mapToInt(word -> numbers.getOrDefault(word, 0)).toArray()
        : text.codePoints().map(this::number).toArray();
  }

  private int number(int character) {
    Integer number = numbers.get(Character.toString(character));
    if (number == null) {
      throw new IllegalArgumentException(
          "vocabulary: it has no character U+%04X among its %d".formatted(character, size()));
    }
    return number;
  }

  /** The text of some numbers; words have a space between them. */
  public String decode(int... text) {
    return IntStream.of(text).mapToObj(pieces::get).collect(Collectors.joining(words ? " " : ""));
  }

  /** As {@link #decode(int...)}, from numbers as tensors hold them. */
  public String decode(long... text) {
    return decode(Arrays.stream(text).mapToInt(Math::toIntExact).toArray());
  }
}
