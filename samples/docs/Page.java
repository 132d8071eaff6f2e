package org.adjoint.samples.docs;

import org.adjoint.samples.cli.Html;

/** What all pages have in common. */
final class Page {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --paper: #fff; --ink: #1d2329; --faint: #59636e;
        --line: #d5dae0; --shade: #f4f6f8; --link: #0b5cad; }
      @media (prefers-color-scheme: dark) { :root { --paper: #14181c; --ink: #e4e8ec;
        --faint: #9aa5b1; --line: #343c45; --shade: #1d2329; --link: #7ab8f5; } }
      * { box-sizing: border-box; }
      body { max-width: 56rem; margin: 0 auto; padding: 1rem 1rem 3rem; background: var(--paper);
        color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
      h1 { margin: 1rem 0 .25rem; font-size: 1.75rem; line-height: 1.2; }
      h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
      p, ul, table { margin: .5rem 0; }
      a { color: var(--link); }
      a:focus-visible, input:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
      code, pre { font: .9em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
      pre { margin: .5rem 0; padding: .6rem .8rem; border-left: 3px solid var(--link);
        background: var(--shade); white-space: pre-wrap; }
      ul { padding: 0; list-style: none; }
      .rows li { padding: .35rem 0; border-bottom: 1px solid var(--line); }
      .pair li { display: grid; grid-template-columns: 14rem 1fr; column-gap: 1rem;
        align-items: baseline; }
      .inline li { display: inline-block; margin-right: 1rem; padding: .15rem 0; }
      .faint, footer { color: var(--faint); font-size: .9rem; }
      .ends { display: flex; justify-content: space-between; gap: 1rem; margin-top: 2rem; }
      input { width: 100%; padding: .5rem .7rem; border: 1px solid var(--faint);
        border-radius: 4px; background: var(--paper); color: inherit; font: inherit; }
      table { border-collapse: collapse; font-size: .9rem; }
      th, td { padding: .3rem 0 .3rem .8rem; border-bottom: 1px solid var(--line);
        text-align: right; overflow-wrap: normal; font-variant-numeric: tabular-nums; }
      th { font-weight: 400; }
      th:first-child { padding-left: 0; text-align: left; }
      [hidden] { display: none !important; }
      @media (max-width: 40rem) { .pair li { display: block; } .pair li > * { display: block; } }
      """;

  private Page() {}

  /** The whole page. It is well-formed XML too, which makes it easy to check. */
  static String of(String title, Html body) {
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    %s<footer><p>Written by <code>./adjoint docs</code> from what the checks work on.</p></footer>
    </body>
    </html>
    """
        .formatted(Html.escape(title), STYLE, body);
  }
}
