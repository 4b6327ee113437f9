/* Boards without reloading: panels stay open and typing goes on while the table is brought; taste is kept on this device. */
(() => {
  "use strict";
  const TASTE = ["density", "errors", "heat"];
  const KEY = "farfield.board";
  let open = [];
  let typed = null;

  document.documentElement.classList.add("scripted");

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch {
      return {};
    }
  };
  const keep = (name, value) => {
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...read(), [name]: value }));
    } catch {
      /* A device that keeps nothing shows boards as addresses say. */
    }
  };
  const board = (event) => event.detail.target && event.detail.target.id === "board";

  // An address that says nothing of taste gets what this device keeps, and says it from then on.
  const remembered = () => {
    const address = new URL(location.href);
    const kept = read();
    const lacking = TASTE.filter((name) => kept[name] && !address.searchParams.has(name));
    lacking.forEach((name) => address.searchParams.set(name, kept[name]));
    return lacking.length ? address.pathname + address.search : "";
  };
  const apply = () => {
    const address = document.getElementById("board") && remembered();
    if (!address) return;
    history.replaceState(history.state, "", address);
    htmx.ajax("GET", address, { target: "#board", swap: "outerHTML" });
  };

  document.addEventListener("change", (event) => {
    if (event.target.closest("#tool-look") && TASTE.includes(event.target.name)) keep(event.target.name, event.target.value);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!board(event)) return;
    open = [...document.querySelectorAll("#board details[open][id]")].map((one) => one.id);
    const box = document.getElementById("q");
    typed = box && box === document.activeElement ? box.value : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    open = [];
    const box = document.getElementById("q");
    if (box && typed !== null && box.value !== typed) {
      box.value = typed;
      box.setSelectionRange(typed.length, typed.length);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    typed = null;
  });

  // One panel at a time, closed by Escape and by a click elsewhere.
  const others = (kept) => document.querySelectorAll(".tool[open]").forEach((one) => one !== kept && one.removeAttribute("open"));
  document.addEventListener("click", (event) => others(event.target.closest(".tool")));
  document.addEventListener("keydown", (event) => {
    const panel = event.key === "Escape" && event.target.closest(".tool[open]");
    if (!panel) return;
    panel.removeAttribute("open");
    panel.querySelector("summary").focus();
  });

  apply();
})();
