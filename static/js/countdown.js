/* Counts down what the server has said: the clock is the server's, the end is decided there. */
(function () {
  "use strict";

  function two(number) {
    return String(number).padStart(2, "0");
  }

  function begin(place) {
    const until = Date.parse(place.dataset.until);
    const ahead = Date.parse(place.dataset.now) - Date.now(); /* how far this device's clock is behind the server's */
    const whole = Math.max(1, until - Date.parse(place.dataset.since));
    const told = place.querySelector("[data-left]");
    const bar = place.querySelector("progress");

    function tick() {
      const left = Math.max(0, until - (Date.now() + ahead));
      const seconds = Math.ceil(left / 1000);
      const hours = Math.floor(seconds / 3600);
      const clock = two(Math.floor((seconds % 3600) / 60)) + ":" + two(seconds % 60);
      told.textContent = hours ? hours + ":" + clock : clock;
      if (bar) bar.value = Math.min(100, (100 * left) / whole);
      place.classList.toggle("is-short", left < 300000);
      if (left) {
        setTimeout(tick, Math.min(1000, left));
      } else if (!place.dataset.ended) {
        place.dataset.ended = "1";
        setTimeout(function () { location.reload(); }, 1500); /* the page says what became of it */
      }
    }

    if (until > Date.now() + ahead) tick();
  }

  document.querySelectorAll("[data-countdown]").forEach(begin);
})();
