/*
 * The week calendar of an instrument and the booking form beside it: what is dragged or tapped in the one is chosen in
 * the other. All times are the lab's clock: the server says them without a zone, and the calendar is set to its offset.
 */
(function () {
  "use strict";
  const place = document.getElementById("week");
  const form = document.getElementById("wish");
  if (!form) return;
  const MINUTE = 60000;
  const grid = place ? Number(place.dataset.grid) : 30;
  let calendar = null;

  /* A local clock is read as if it were UTC: only differences and the text matter. */
  function instant(text) {
    return Date.parse(text.slice(0, 16) + ":00Z");
  }

  function local(milliseconds) {
    return new Date(milliseconds).toISOString().slice(0, 19);
  }

  /* --- The form -------------------------------------------------------------------------------------------------- */

  function setMinutes(minutes) {
    const select = form.elements.minutes;
    const value = String(minutes);
    if (!Array.from(select.options).some(function (option) { return option.value === value; })) {
      const told = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "hour", unitDisplay: "long" });
      select.add(new Option(told.format(minutes / 60), value));
    }
    select.value = value;
  }

  let wasChosen = false;

  function choose(date, start, minutes) {
    wasChosen = true;
    if (date) form.elements.date.value = date;
    if (minutes) setMinutes(minutes);
    form.elements.start.value = start;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* Buttons of free starts are links that work by themselves; here they only fill the form. */
  document.addEventListener("click", function (event) {
    const link = event.target.closest("#booking a[data-start]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(link.dataset.date, link.dataset.start, 0);
  });

  /* A day or a mode that changes leaves the start as it is; the answer says whether it still fits. */
  document.addEventListener("htmx:afterSettle", function () {
    showChosen();
    if (!wasChosen) return;
    wasChosen = false;
    document.getElementById("offer").scrollIntoView({ block: "nearest" });
  });

  function chosen() {
    const date = form.elements.date.value;
    const start = form.elements.start.value;
    if (!date || !start) return null;
    const begins = instant(date + "T" + start);
    const minutes = Number(form.elements.minutes.value);
    return {
      id: "chosen",
      title: place.dataset.chosen,
      classNames: ["piece-chosen"],
      editable: false,
      display: minutes < 1440 ? "auto" : "background", /* the calendar draws nothing else over whole days */
      start: local(begins),
      end: local(begins + minutes * MINUTE),
    };
  }

  function showChosen() {
    if (!calendar) return;
    calendar.removeEventById("chosen");
    const now = chosen();
    if (now) calendar.addEvent(now);
  }

  /* --- The calendar ---------------------------------------------------------------------------------------------- */

  if (!place || !window.EventCalendar) return;
  const narrow = window.matchMedia("(max-width: 575.98px)");

  function pieces(info) {
    const first = info.startStr.slice(0, 10);
    const days = Math.round((instant(info.endStr.slice(0, 10) + "T00:00") - instant(first + "T00:00")) / (1440 * MINUTE));
    return fetch(place.dataset.url + "?from=" + first + "&days=" + days, { headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (told) {
        const events = told.pieces.map(function (piece) {
          return {
            start: piece.start,
            end: piece.end,
            display: "background",
            title: piece.reason,
            classNames: ["piece-" + piece.kind],
            extendedProps: { kind: piece.kind },
          };
        });
        const now = chosen();
        if (now) events.push(now);
        return events;
      })
      .catch(function (error) {
        place.replaceChildren(Object.assign(document.createElement("p"), { className: "text-secondary", textContent: place.dataset.failed }));
        throw error;
      });
  }

  function buttons(text) {
    return Object.assign({}, text, { today: place.dataset.today, prev: place.dataset.previous, next: place.dataset.next });
  }

  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  calendar = EventCalendar.create(place, {
    view: narrow.matches ? "threeDays" : "timeGridWeek",
    views: { threeDays: { type: "timeGridDay", duration: { days: 3 }, dayHeaderFormat: { weekday: "short", month: "numeric", day: "numeric" } } },
    date: form.elements.date.value || place.dataset.first,
    firstDay: 1,
    locale: place.dataset.locale,
    timeZone: place.dataset.offset,
    buttonText: buttons,
    headerToolbar: { start: "title", center: "", end: "today prev,next" },
    allDaySlot: false,
    nowIndicator: true,
    slotDuration: { minutes: Math.max(grid, 30) },
    snapDuration: { minutes: grid },
    slotHeight: grid < 60 ? 22 : 36,
    slotMinTime: place.dataset.from,
    slotMaxTime: place.dataset.to,
    flexibleSlotTimeLimits: { eventFilter: function (event) { return ["free", "busy"].includes(event.extendedProps.kind); } },
    slotLabelFormat: clock,
    eventTimeFormat: clock,
    lazyFetching: false,
    eventSources: [{ events: pieces }],
    eventContent: function (info) {
      if (info.event.display !== "background") return undefined;
      return info.event.title;
    },
    eventDidMount: function (info) {
      if (info.event.title) info.el.title = info.event.title;
    },
    selectable: true,
    unselectAuto: false,
    selectBackgroundColor: "transparent",
    longPressDelay: 300,
    select: function (info) {
      const begins = instant(info.startStr);
      choose(info.startStr.slice(0, 10), info.startStr.slice(11, 16), Math.round((instant(info.endStr) - begins) / MINUTE));
      calendar.unselect();
    },
    dateClick: function (info) {
      choose(info.dateStr.slice(0, 10), info.dateStr.slice(11, 16), 0);
    },
  });

  narrow.addEventListener("change", function () {
    calendar.setOption("view", narrow.matches ? "threeDays" : "timeGridWeek");
  });
})();
