/* Draws the plots of a page from the specifications that the API gives, in the colours of the reader's mode. */
(() => {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const views = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // The specification's colours are those of day; each has its place by night.
  const NIGHT = {
    "#0b6165": "accent", "#9a4f14": "warm", "#566266": "muted", "#256b3a": "good", "#a3262a": "bad",
    "#1b2528": "ink", "#dedbd1": "line",
  };
  const LIGHTER = { "#5b4a9c": "#b9a8f0", "#3a6ea5": "#8fb8e6" };

  const dressed = (part) => {
    if (!dark.matches) return part;
    if (Array.isArray(part)) return part.map(dressed);
    if (part && typeof part === "object") {
      const entries = Object.entries(part);
      return Object.fromEntries(entries.map(([name, value]) => [name, name === "values" ? value : dressed(value)]));
    }
    if (typeof part !== "string") return part;
    return NIGHT[part] ? colour(NIGHT[part]) : LIGHTER[part] || part;
  };

  const draw = async (place) => {
    const answer = await fetch(place.dataset.spec, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { spec } = await answer.json();
    place.hidden = false;
    const options = { actions: false, ast: true, renderer: "svg", mode: "vega-lite" };
    const { view } = await window.farfieldVega(place, dressed(spec), options);
    views.set(place, view);
    const section = place.closest("section");
    section.querySelector(".plot-actions").hidden = false;
    const table = section.querySelector(".plot-table");
    if (!place.dataset.drawn) table.open = false;
    place.dataset.drawn = "yes";
  };

  // A plot that cannot be drawn leaves its table open.
  const drawn = (place) => draw(place).catch(() => { place.hidden = true; });

  const save = async (button) => {
    const place = button.closest("section").querySelector("[data-spec]");
    const kind = button.dataset.save;
    const link = document.createElement("a");
    link.href = await views.get(place).toImageURL(kind, kind === "png" ? 2 : 1);
    link.download = `${place.dataset.name}.${kind}`;
    link.click();
  };

  const start = async () => {
    for (const place of document.querySelectorAll("[data-spec]")) await drawn(place);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]");
    if (button) save(button);
  });
  dark.addEventListener("change", start);
  if (window.farfieldVega) start();
  else document.addEventListener("farfield:vega", start);
})();
