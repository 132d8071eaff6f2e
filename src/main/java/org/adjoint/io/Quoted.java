package org.adjoint.io;

/** Text from a file as it may stand in a message: on one line, and not too long. */
public final class Quoted {
  private static final int LONGEST = 60;

  private Quoted() {}

  /** {@code text} in quotes; what would break a line is escaped, what is too long is cut. */
  public static String of(String text) {
    StringBuilder quoted = new StringBuilder("'");
    for (int i = 0; i < Math.min(text.length(), LONGEST); i++) {
      char c = text.charAt(i);
      boolean odd = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
      quoted.append(odd ? String.format("\\u%04x", (int) c) : c);
    }
    return quoted.append(text.length() > LONGEST ? "…'" : "'").toString();
  }
}
