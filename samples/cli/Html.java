package org.adjoint.samples.cli;

/** Markup in the making. Values are escaped where they enter, so that none can be forgotten. */
public final class Html {
  private final StringBuilder out = new StringBuilder();

  /**
   * Adds markup, with each <code>{}</code> in it replaced by the next of the values, escaped.
   *
   * @throws IllegalArgumentException if there are more or fewer values than places
   */
  public Html add(String markup, Object... values) {
    int from = 0;
    for (Object value : values) {
      int place = markup.indexOf("{}", from);
      if (place < 0) {
        throw new IllegalArgumentException("more values than places in " + markup);
      }
      out.append(markup, from, place).append(escape(value.toString()));
      from = place + 2;
    }
    if (markup.indexOf("{}", from) >= 0) {
      throw new IllegalArgumentException("fewer values than places in " + markup);
    }
    out.append(markup, from, markup.length());
    return this;
  }

  /** {@code text} as it must stand between tags or in a quoted attribute. */
  public static String escape(String text) {
    return text.replaceAll("[\\p{Cc}&&[^\\t\\n]]", "\ufffd") // what no page may hold
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** Adds what is markup already. */
  public Html append(Html markup) {
    out.append(markup.out);
    return this;
  }

  /** The markup so far. */
  @Override
  public String toString() {
    return out.toString();
  }
}
