/* The lab's board: instruments by time. It only shows; every booking leads to its page. */
(function () {
  "use strict";
  const place = document.getElementById("board");
  if (!place || !window.EventCalendar) return;
  const MINUTE = 60000;
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

  function day(text) {
    return Date.parse(text.slice(0, 10) + "T00:00:00Z");
  }

  function element(name, text, className) {
    return Object.assign(document.createElement(name), { textContent: text, className: className || "" });
  }

  function load(info, succeed, fail) {
    const days = Math.max(1, Math.round((day(info.endStr) - day(info.startStr)) / (1440 * MINUTE)));
    fetch(place.dataset.url + "?from=" + info.startStr.slice(0, 10) + "&days=" + days, { headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (told) {
        calendar.setOption("resources", told.resources.map(function (resource) {
          return { id: resource.id, title: resource.title, extendedProps: { code: resource.code, room: resource.room } };
        }));
        succeed(told.events.map(function (event) {
          if (event.background) {
            return { resourceIds: [event.resourceId], start: event.start, end: event.end, display: "background", title: event.reason, classNames: ["piece-" + event.background] };
          }
          return {
            id: event.id,
            resourceIds: [event.resourceId],
            start: event.start,
            end: event.end,
            title: event.customer,
            classNames: event.at_risk ? ["state-" + event.state, "at-risk"] : ["state-" + event.state],
            extendedProps: { state: event.state_label, mode: event.mode },
          };
        }));
      })
      .catch(function (error) {
        place.replaceChildren(element("p", place.dataset.failed, "text-secondary p-3"));
        fail(error);
      });
  }

  const calendar = EventCalendar.create(place, {
    view: place.dataset.days === "1" ? "resourceTimelineDay" : "resourceTimelineWeek",
    date: place.dataset.first,
    firstDay: 1,
    locale: place.dataset.locale,
    timeZone: place.dataset.offset,
    headerToolbar: { start: "", center: "", end: "" },
    nowIndicator: true,
    scrollTime: "08:00",
    slotDuration: place.dataset.days === "1" ? "00:30" : "01:00",
    slotLabelInterval: place.dataset.days === "1" ? "01:00" : "03:00",
    slotWidth: place.dataset.days === "1" ? 40 : 30,
    slotMinTime: place.dataset.from,
    slotMaxTime: place.dataset.to,
    slotLabelFormat: clock,
    eventTimeFormat: clock,
    flexibleSlotTimeLimits: true,
    resources: [],
    eventSources: [{ events: load }],
    resourceLabelContent: function (info) {
      const said = element("span", "");
      said.append(element("span", info.resource.title, "d-block"), element("span", info.resource.extendedProps.code, "text-secondary small"));
      return { domNodes: [said] };
    },
    eventContent: function (info) {
      if (info.event.display === "background") return info.event.title || undefined;
      const said = element("span", "");
      said.append(element("b", info.event.title), element("span", info.event.extendedProps.state, "said"));
      return { domNodes: [said] };
    },
    eventDidMount: function (info) {
      info.el.title = [info.timeText, info.event.title, info.event.extendedProps.state, info.event.extendedProps.mode].filter(Boolean).join(" · ");
    },
    eventClick: function (info) {
      location.href = place.dataset.booking.replace("NUMBER", encodeURIComponent(info.event.id));
    },
  });
})();
