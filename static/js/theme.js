/* Sets light or dark before the first paint: what was chosen here, else what the system says. */
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("theme");
    } catch (blocked) {
      return null;
    }
  }

  function apply() {
    root.dataset.bsTheme = chosen() || (dark.matches ? "dark" : "light");
  }

  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  window.gonghengTheme = {
    toggle: function () {
      const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("theme", next);
      } catch (blocked) {
        /* a private window: the choice lasts as long as the page */
      }
      root.dataset.bsTheme = next;
    },
  };
})();
