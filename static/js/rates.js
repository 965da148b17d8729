/*
 * Painting the hours of a price list: what is dragged over in the picture is said in the form below it, and painted
 * there. The form does the same without this.
 */
(function () {
  "use strict";
  const STEP = 30;
  const DAY = 24 * 60;
  const SVG = "http://www.w3.org/2000/svg";
  let drag = null;

  function strips() {
    return Array.from(document.querySelectorAll("#sketch .band-strip[data-day]"));
  }

  /* The half hour of a strip that lies under a place of the screen, counted from 0. */
  function slot(strip, x) {
    const box = strip.getBoundingClientRect();
    const share = (x - box.left) / box.width;
    return Math.max(0, Math.min(DAY / STEP - 1, Math.floor((share * DAY) / STEP)));
  }

  function row(y) {
    const all = strips();
    const found = all.findIndex(function (strip) { return y <= strip.getBoundingClientRect().bottom; });
    return found < 0 ? all.length - 1 : found;
  }

  function clock(minute) {
    const hours = String(Math.floor(minute / 60) % 24).padStart(2, "0");
    return hours + ":" + String(minute % 60).padStart(2, "0");
  }

  function chosen() {
    return {
      starts: Math.min(drag.from, drag.to) * STEP,
      ends: (Math.max(drag.from, drag.to) + 1) * STEP,
      first: Math.min(drag.top, drag.bottom),
      last: Math.max(drag.top, drag.bottom),
    };
  }

  function mark() {
    clear();
    const area = chosen();
    strips().slice(area.first, area.last + 1).forEach(function (strip) {
      const rect = document.createElementNS(SVG, "rect");
      rect.setAttribute("class", "paint-mark");
      rect.setAttribute("x", (100 * area.starts) / DAY + "%");
      rect.setAttribute("width", (100 * (area.ends - area.starts)) / DAY + "%");
      rect.setAttribute("height", "100%");
      strip.append(rect);
    });
  }

  function clear() {
    document.querySelectorAll("#sketch .paint-mark").forEach(function (rect) { rect.remove(); });
  }

  function field(name) {
    return document.querySelector('#paint [name="paint-' + name + '"]');
  }

  function say() {
    const area = chosen();
    const days = strips().slice(area.first, area.last + 1).map(function (strip) { return strip.dataset.day; });
    document.querySelectorAll('#paint [name="paint-day_types"]').forEach(function (box) {
      box.checked = days.includes(box.value);
    });
    field("start").value = clock(area.starts);
    field("end").value = clock(area.ends);
    const isNamed = field("rate_bp").value && (field("name_zh").value || field("name").value);
    if (field("brush").value === "new" && !isNamed) field("name_zh").focus();
    else document.querySelector('#paint [name="paint"]').click();
  }

  /* What is said of painting changes nothing in the picture until it is painted: the picture is not drawn anew for it. */
  ["input", "change"].forEach(function (type) {
    document.addEventListener(type, function (event) {
      if (event.target.closest && event.target.closest("#paint")) event.stopPropagation();
    }, true);
  });

  document.addEventListener("pointerdown", function (event) {
    const strip = event.target.closest && event.target.closest("#sketch .band-strip[data-day]");
    if (!strip || event.button !== 0 || !document.getElementById("paint")) return;
    const at = strips().indexOf(strip);
    drag = { from: slot(strip, event.clientX), top: at, bottom: at };
    drag.to = drag.from;
    mark();
    if (event.pointerType === "mouse") event.preventDefault();
  });

  document.addEventListener("pointermove", function (event) {
    if (!drag) return;
    drag.bottom = row(event.clientY);
    drag.to = slot(strips()[drag.bottom], event.clientX);
    mark();
  });

  document.addEventListener("pointerup", function () {
    if (!drag) return;
    say();
    clear();
    drag = null;
  });

  /* A finger that scrolls the page paints nothing. */
  document.addEventListener("pointercancel", function () {
    drag = null;
    clear();
  });
})();
