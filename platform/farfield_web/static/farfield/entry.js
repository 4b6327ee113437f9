/* Hears of news of an open entry or run, and has htmx fetch what changed; says when the connection is gone, and back. */
(() => {
  "use strict";
  const line = document.getElementById("connection");
  if (!line || !window.EventSource || !window.htmx) return;

  // The site says every few seconds that it is there; where it does, nothing needs to be asked.
  const QUIET = 12000;
  let heard = 0, source = null, last = line.dataset.since, expected = false, gone = "", over = false, timer = 0;
  const now = () => new Date().toLocaleTimeString();
  const say = (text, bad) => {
    line.textContent = text;
    line.classList.toggle("gone", Boolean(bad));
  };
  const fetchParts = (names) => {
    for (const name of names) htmx.trigger(document.body, `farfield:${name}`);
  };

  const open = () => {
    if (source || over || document.hidden) return;
    source = new EventSource(`${line.dataset.stream}?since=${encodeURIComponent(last)}`);
    for (const name of ["open", "change", "here", "end"]) {
      source.addEventListener(name, () => { heard = Date.now(); });
    }
    source.addEventListener("open", () => {
      if (gone) say(`The connection was gone at ${gone}, and came back at ${now()}.`);
      else if (!line.textContent) say("Live: what changes is shown at once.");
      if (gone) fetchParts(["news", "log"]);
      gone = "";
    });
    source.addEventListener("change", (event) => {
      last = event.lastEventId;
      fetchParts(event.data.split(" "));
    });
    source.addEventListener("end", (event) => {
      expected = true;
      if (event.data === "closed") {
        over = true;
        close();
        say("");
      }
    });
    source.addEventListener("error", () => {
      if (!expected) heard = 0;
      if (!expected && !gone) {
        gone = now();
        say(`The connection is gone since ${gone}: what is shown may be old. It is tried again by itself.`, true);
      }
      expected = false;
      // A browser gives up after an error of the site; this does not.
      if (source && source.readyState === EventSource.CLOSED) {
        close();
        clearTimeout(timer);
        timer = setTimeout(open, 5000);
      }
    });
  };
  const close = () => {
    if (source) source.close();
    source = null;
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    const asks = event.detail.elt.getAttribute("hx-trigger") || "";
    const byClock = asks.startsWith("every") && !event.detail.requestConfig.triggeringEvent;
    if (byClock && Date.now() - heard < QUIET) event.preventDefault();
  });

  // A browser holds few connections to one host: a page that nobody looks at holds none.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else open();
  });
  window.addEventListener("pagehide", close);
  open();
})();
