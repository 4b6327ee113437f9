/* Shows times by the reader's clock; pointed at, each says its UTC, as it is written without scripts. */
(() => {
  "use strict";
  const WRITTEN = /^(\d{4}-\d\d-\d\d )?(\d\d:\d\d)(:\d\d)?( UTC)?$/;
  const two = (number) => String(number).padStart(2, "0");

  const local = (one) => {
    const [whole, day, , seconds] = WRITTEN.exec(one.textContent.trim()) || [];
    const at = new Date(one.dateTime);
    if (!whole || one.title || Number.isNaN(at.getTime())) return;
    one.title = whole.endsWith("UTC") ? whole : `${whole} UTC`;
    const date = day ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` : "";
    one.textContent = `${date}${two(at.getHours())}:${two(at.getMinutes())}${seconds ? `:${two(at.getSeconds())}` : ""}`;
  };

  const all = () => document.querySelectorAll("time[datetime]").forEach(local);
  all();
  document.addEventListener("htmx:load", all);
  document.getElementById("clock").textContent = "Times are by your clock.";
})();
