/*
 * The organisation's rentals on a calendar. Dragging one asks the server what the new time costs, in a dialog; it
 * stays where it was until that is agreed to. All times are the clock of the organisation, said without a zone.
 */
(function () {
  "use strict";
  const place = document.getElementById("diary");
  const dialog = document.getElementById("move-dialog");
  const body = document.getElementById("move-body");
  if (!place || !window.EventCalendar) return;
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const VIEWS = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth" };
  const narrow = window.matchMedia("(max-width: 575.98px)");
  let undo = null;

  function element(name, text, className) {
    return Object.assign(document.createElement(name), { textContent: text, className: className || "" });
  }

  function load() {
    const query = new URLSearchParams({ view: place.dataset.view, from: place.dataset.from });
    return fetch(place.dataset.url + "?" + query, { headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (told) {
        return told.events.map(function (event) {
          return {
            id: event.id,
            start: event.start,
            end: event.end,
            title: event.title,
            editable: event.movable,
            classNames: ["state-" + event.state].concat(event.flagged ? ["at-risk"] : [], event.movable ? ["is-movable"] : []),
            extendedProps: { said: event.said, lab: event.lab },
          };
        });
      })
      .catch(function (error) {
        place.replaceChildren(element("p", place.dataset.failed, "text-secondary p-3"));
        throw error;
      });
  }

  function address(pattern, number) {
    return pattern.replace("NUMBER", encodeURIComponent(number));
  }

  function local(date) {
    const two = function (number) { return String(number).padStart(2, "0"); };
    return {
      date: date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate()),
      start: two(date.getHours()) + ":" + two(date.getMinutes()),
    };
  }

  /* The clock of the calendar is the organisation's; the server reads it in the lab's zone, so the offset goes along. */
  function ask(info) {
    undo = info.revert;
    const begins = local(info.event.start);
    const minutes = Math.round((info.event.end - info.event.start) / 60000);
    const query = new URLSearchParams({ at: begins.date + "T" + begins.start + place.dataset.offset, minutes: minutes, back: "calendar" });
    htmx.ajax("GET", address(place.dataset.move, info.event.id) + "?" + query, { source: body, target: body, swap: "innerHTML" })
      .then(function () { dialog.showModal(); });
  }

  dialog.addEventListener("close", function () {
    if (undo) undo();
    undo = null;
    body.replaceChildren();
  });

  dialog.addEventListener("click", function (event) {
    if (event.target === dialog || event.target.closest("[data-dismiss]")) {
      event.preventDefault();
      dialog.close();
    }
  });

  const calendar = EventCalendar.create(place, {
    view: narrow.matches && place.dataset.view === "week" ? "listWeek" : VIEWS[place.dataset.view],
    date: place.dataset.from,
    firstDay: 1,
    locale: place.dataset.locale,
    timeZone: place.dataset.offset,
    headerToolbar: { start: "", center: "", end: "" },
    allDaySlot: false,
    nowIndicator: true,
    height: place.dataset.view === "month" || (narrow.matches && place.dataset.view === "week") ? undefined : "36rem",
    scrollTime: "07:30",
    slotDuration: "00:30",
    slotHeight: 24,
    slotLabelFormat: clock,
    eventTimeFormat: clock,
    dayMaxEvents: true,
    longPressDelay: 300,
    lazyFetching: false,
    eventSources: [{ events: load }],
    eventContent: function (info) {
      const said = element("span", "");
      said.append(element("b", info.event.title), element("span", [info.timeText, info.event.extendedProps.said].join(" · "), "said"));
      return { domNodes: [said] };
    },
    eventDidMount: function (info) {
      info.el.title = [info.timeText, info.event.title, info.event.extendedProps.lab, info.event.extendedProps.said].filter(Boolean).join(" · ");
    },
    eventClick: function (info) {
      location.href = address(place.dataset.rental, info.event.id);
    },
    eventDrop: ask,
    eventResize: ask,
  });

  narrow.addEventListener("change", function () {
    if (place.dataset.view === "week") calendar.setOption("view", narrow.matches ? "listWeek" : VIEWS.week);
  });
})();
