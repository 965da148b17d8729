/* Says how long something has been going on, minute by minute; what the server wrote is right without it. */
(function () {
  "use strict";
  const language = document.documentElement.lang === "en" ? "en" : "zh";
  const places = Array.from(document.querySelectorAll("[data-elapsed]"));
  if (!places.length) return;

  function told(minutes) {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    const unit = function (number, name) {
      return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(number);
    };
    return [hours ? unit(hours, "hour") : "", rest || !hours ? unit(rest, "minute") : ""].filter(Boolean).join(" ");
  }

  /* The clock is the server's: a desk whose own clock is wrong counts right. */
  const ahead = Date.parse(places[0].dataset.now) - Date.now();

  function tick() {
    const now = Date.now() + ahead;
    places.forEach(function (place) {
      const minutes = Math.max(0, Math.floor((now - Date.parse(place.dataset.since)) / 60000));
      const text = place.dataset.told.replace("TIME", told(minutes));
      if (place.textContent !== text) place.textContent = text;
    });
  }

  setInterval(tick, 10000);
})();
