/* Says on the page when a live part could not be brought up to date: without this, an old state would look like a new one. */
(() => {
  "use strict";
  const notice = () => document.getElementById("notice");
  let failed = 0;

  const say = (text) => {
    const place = notice();
    if (!place) return;
    place.querySelector("p").textContent = text;
    place.hidden = false;
  };

  const now = () => new Date().toLocaleTimeString();
  // What asks by itself asks again; what a person pressed does not.
  const again = (event) => {
    const by = event.detail.elt && event.detail.elt.getAttribute("hx-trigger");
    return by && by.startsWith("every") ? " It is asked again by itself." : " Try again, or reload the page.";
  };

  document.addEventListener("htmx:responseError", (event) => {
    failed += 1;
    say(`At ${now()} the site answered with error ${event.detail.xhr.status}: what is shown may be old.${again(event)}`);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      failed += 1;
      say(`At ${now()} the site did not answer: what is shown may be old.${again(event)}`);
    });
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && failed) {
      failed = 0;
      notice().hidden = true;
    }
  });
})();
