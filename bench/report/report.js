"use strict";
// Without this script the page is whole. It has neither "less than" nor "and" signs, so that the
// page that it stands in is well-formed XML.
{
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  all(".needs-script").forEach(part => { part.hidden = false; });

  // Light or dark: as the system has it, until one chooses.
  const theme = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  const label = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  try { // a page opened from a file may have no storage
    const kept = localStorage.getItem("theme");
    if (kept) { root.dataset.theme = kept; }
  } catch { }
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { }
    label();
  });
  system.addEventListener("change", label);
  label();

  // Points of a chart: one stop of the Tab key, the arrows go on from there; each tells what it is.
  const hint = document.createElement("div");
  hint.className = "hint";
  hint.hidden = true;
  hint.setAttribute("aria-hidden", "true"); // the point's own name says the same
  document.body.append(hint);
  const hide = () => { hint.hidden = true; };
  const show = point => {
    hint.textContent = point.getAttribute("aria-label");
    hint.hidden = false;
    const at = point.getBoundingClientRect();
    const box = hint.getBoundingClientRect();
    const left = Math.min(at.right + 8, innerWidth - box.width - 8);
    const top = at.top - box.height - 8;
    hint.style.left = Math.max(8, left) + "px";
    hint.style.top = (top > 8 ? top : at.bottom + 8) + "px";
  };
  const across = point => point.querySelector("use").x.baseVal.value;
  for (const plot of all(".plot")) {
    const points = all("a", plot);
    for (const point of points) {
      const title = point.querySelector("title");
      point.setAttribute("aria-label", title.textContent);
      title.remove();
      point.tabIndex = -1;
      point.addEventListener("pointerenter", () => show(point));
      point.addEventListener("pointerleave", hide);
      point.addEventListener("focus", () => show(point));
      point.addEventListener("blur", hide);
    }
    const order = [...points].sort((a, b) => across(a) - across(b));
    order[0].tabIndex = 0;
    plot.addEventListener("keydown", event => {
      const last = order.length - 1;
      const now = order.indexOf(document.activeElement);
      const next = {
        ArrowRight: Math.min(now + 1, last), ArrowUp: Math.min(now + 1, last),
        ArrowLeft: Math.max(now - 1, 0), ArrowDown: Math.max(now - 1, 0), Home: 0, End: last,
      }[event.key];
      if (next !== undefined) {
        event.preventDefault();
        order.forEach(point => { point.tabIndex = -1; });
        order[next].tabIndex = 0;
        order[next].focus();
      }
    });
  }
  addEventListener("keydown", event => { if (event.key === "Escape") { hide(); } });
  addEventListener("scroll", hide, { passive: true });

  const table = document.getElementById("all");
  if (table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
    const search = document.getElementById("search");
    const found = document.getElementById("found");
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !words.every(word => texts.get(row).includes(word));
        shown += row.hidden ? 0 : 1;
      }
      found.textContent = shown + " of " + rows.length + " rows";
    };
    search.addEventListener("input", filter);
    filter();

    // A column's name sorts by it, upwards first; what has no number stays below.
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      const text = head.classList.contains("text");
      const key = row => {
        const cell = row.cells[column];
        return text ? cell.textContent : Number(cell.dataset.v ?? NaN);
      };
      button.addEventListener("click", () => {
        const sign = head.ariaSort === "ascending" ? -1 : 1;
        heads.forEach(other => { other.ariaSort = null; });
        head.ariaSort = sign > 0 ? "ascending" : "descending";
        const order = (a, b) => {
          const one = key(a);
          const other = key(b);
          if (text) { return sign * one.localeCompare(other, "en", { numeric: true }); }
          if (isNaN(one) || isNaN(other)) { return isNaN(one) - isNaN(other); }
          return sign * (one - other);
        };
        body.append(...[...body.rows].sort(order));
      });
    });

    // A link to a row that the search hides shows it again.
    addEventListener("click", event => {
      const link = event.target.closest("a[href^='#r']");
      const row = link ? document.getElementById(link.getAttribute("href").slice(1)) : null;
      if (row?.hidden) {
        search.value = "";
        filter();
      }
    });
  }
}
