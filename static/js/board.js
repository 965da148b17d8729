/*
 * The lab's board: instruments by time, as the server has it. It asks every other second whether anything changed
 * (an answer of 304 costs next to nothing), not while nobody looks. Whatever is dragged or selected only opens a form
 * in a dialog: the board moves when the server has agreed, so a refusal leaves everything where it is.
 */
(function () {
  "use strict";
  const place = document.getElementById("board");
  if (!place || !window.EventCalendar) return;
  const dialog = document.getElementById("board-dialog");
  const body = document.getElementById("board-dialog-body");
  const live = document.getElementById("board-live");
  const told = place.dataset;
  const words = JSON.parse(told.words);
  const MINUTE = 60000;
  const EVERY = 1500;
  const LATE = 1, OVER = 2, RISK = 4, REBOOK = 8, SERIES = 16;
  const MOVABLE = ["confirmed"], EXTENDABLE = ["checked_in"];
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const url = told.url + "?from=" + told.first + "&days=" + told.days;
  let known = null, etag = "", wish = null, timer = 0, asking = false;

  function element(name, text, className) {
    return Object.assign(document.createElement(name), { textContent: text, className: className || "" });
  }

  /* Minutes of the lab's clock, as the calendar reads them. */
  function said(minutes) {
    return new Date(minutes * MINUTE).toISOString().slice(0, 16);
  }

  function pad(number) {
    return String(number).padStart(2, "0");
  }

  /* What the calendar's dates show is the lab's clock, whatever zone the browser is in. */
  function shown(date) {
    return date.getFullYear() + "-" + pad(date.getMonth() + 1) + "-" + pad(date.getDate()) + "T" + pad(date.getHours()) + ":" + pad(date.getMinutes());
  }

  /* --- Drawing --- */

  function flagged(flags) {
    return [[LATE, told.late], [OVER, told.over], [RISK, told.risk], [REBOOK, told.rebook]]
      .filter(function (each) { return flags & each[0]; })
      .map(function (each) { return each[1]; });
  }

  function drawn(row) {
    const [number, code, start, end, state, mode, units, customer, operator, flags] = row;
    const classes = ["state-" + state];
    if (flags & (LATE | OVER)) classes.push("is-late");
    if (flags & RISK) classes.push("at-risk");
    if (flags & REBOOK) classes.push("needs-rebooking");
    const extendable = EXTENDABLE.includes(state);
    const may = Boolean(told.move);
    return {
      id: number,
      resourceIds: [code],
      start: said(start),
      end: said(end),
      title: customer,
      classNames: classes,
      startEditable: may && MOVABLE.includes(state),
      durationEditable: may && (MOVABLE.includes(state) || extendable),
      extendedProps: {
        state: [words.states[state]].concat(flagged(flags)).join(" · "),
        more: [words.modes[mode], operator, units > 1 ? units + " " + told.units : "", flags & SERIES ? told.series : ""].filter(Boolean).join(" · "),
        mark: flags & SERIES ? "↻ " : "",
      },
    };
  }

  function background(codes, times, kind, reason) {
    return { resourceIds: codes, start: said(times[0]), end: said(times[1]), display: "background", title: reason, classNames: ["piece-" + kind] };
  }

  function events() {
    if (!known) return [];
    const found = known.bookings.map(drawn);
    known.closed.forEach(function (closed) {
      closed.times.forEach(function (times) { found.push(background(closed.on, times, "closed", "")); });
    });
    known.outages.forEach(function (outage) {
      const partly = outage.units ? outage.units + " " + told.units + " · " : "";
      found.push(background(outage.on, outage.times, outage.units ? "partly-out" : "maintenance", partly + outage.reason));
    });
    if (wish) found.push({ resourceIds: [wish.code], start: wish.start, end: wish.end, display: "background", classNames: ["piece-chosen"] });
    return found;
  }

  function draw() {
    calendar.refetchEvents();
  }

  function show(answer) {
    const before = known && known.instruments.map(function (one) { return one.code + one.name; }).join();
    known = answer;
    if (before !== known.instruments.map(function (one) { return one.code + one.name; }).join()) {
      calendar.setOption("resources", known.instruments.map(function (one) {
        return { id: one.code, title: one.name, extendedProps: { code: one.code, room: one.room, category: one.category } };
      }));
    }
    draw();
    place.dataset.drawn = String(Number(place.dataset.drawn || 0) + 1);
  }

  /* --- Asking --- */

  function ask() {
    clearTimeout(timer);
    if (asking || document.hidden) return;
    asking = true;
    fetch(url, { headers: etag ? { Accept: "application/json", "If-None-Match": etag } : { Accept: "application/json" }, cache: "no-store", redirect: "error" })
      .then(function (answer) {
        if (answer.status === 304) return null;
        if (!answer.ok) throw new Error(String(answer.status));
        etag = answer.headers.get("ETag") || "";
        return answer.json();
      })
      .then(function (answer) {
        live.textContent = live.dataset.live;
        live.className = "text-green";
        if (!answer) return;
        const isFirst = !known;
        show(answer);
        if (!isFirst) document.body.dispatchEvent(new CustomEvent("board-redrawn"));
      })
      .catch(function () {
        live.textContent = live.dataset.stale;
        live.className = "text-red";
        if (!known) place.replaceChildren(element("p", told.failed, "text-secondary p-3"));
      })
      .finally(function () {
        asking = false;
        clearTimeout(timer);
        if (!document.hidden) timer = setTimeout(ask, EVERY);
      });
  }

  document.addEventListener("visibilitychange", ask);

  /* --- Forms in a dialog --- */

  function open(path) {
    if (!dialog.showModal || !window.htmx) {
      location.href = path;
      return;
    }
    window.htmx.ajax("GET", path, { target: body, swap: "innerHTML" });
  }

  function close() {
    wish = null;
    if (dialog.open) dialog.close();
    body.replaceChildren();
    draw();
  }

  body.addEventListener("htmx:afterSwap", function () {
    const form = body.querySelector("[data-dialog-title]");
    document.getElementById("board-dialog-title").textContent = form ? form.dataset.dialogTitle : "";
    if (!dialog.open) dialog.showModal();
  });
  body.addEventListener("submit", function (event) {
    if (event.target.dataset.plain !== undefined) return;
    event.preventDefault();
    window.htmx.ajax("POST", event.target.getAttribute("action"), { values: new FormData(event.target, event.submitter), target: body, swap: "innerHTML" });
  });
  dialog.addEventListener("close", function () { if (body.firstChild) close(); });
  dialog.addEventListener("click", function (event) {
    if (!event.target.closest("[data-dismiss-dialog]")) return;
    event.preventDefault();
    close();
  });
  document.body.addEventListener("board-changed", function () {
    close();
    ask();
  });

  function say(text) {
    const template = document.getElementById("message-template");
    const message = template.content.cloneNode(true);
    message.querySelector("[data-text]").textContent = text;
    document.getElementById("messages").append(message);
  }

  function category(code) {
    const found = known.instruments.find(function (one) { return one.code === code; });
    return found ? found.category : "";
  }

  /* Back to where it is; the form asks for where it shall be. */
  function moved(info, code) {
    const start = shown(info.event.start), end = shown(info.event.end);
    const from = info.event.resourceIds;
    info.revert();
    if (info.oldResource && category(info.oldResource.id) !== category(code)) {
      say(told.unlike);
      return;
    }
    wish = { code: code || from[0], start: start, end: end };
    draw();
    const query = new URLSearchParams({ start: start, end: end });
    if (code) query.set("instrument", code);
    open(told.move.replace("NUMBER", encodeURIComponent(info.event.id)) + "?" + query);
  }

  function out(kind, code, start, end) {
    const query = new URLSearchParams({ kind: kind });
    if (code) {
      wish = { code: code, start: start, end: end };
      query.set("whose", code);
      query.set("start", start);
      query.set("end", end);
      draw();
    }
    open(told.out + "?" + query);
  }

  const calendar = EventCalendar.create(place, {
    view: told.days === "1" ? "resourceTimelineDay" : "resourceTimelineWeek",
    date: told.first,
    firstDay: 1,
    locale: told.locale,
    timeZone: told.offset,
    headerToolbar: { start: "", center: "", end: "" },
    nowIndicator: true,
    scrollTime: "08:00",
    slotDuration: told.days === "1" ? "00:30" : "01:00",
    snapDuration: "00:15",
    slotLabelInterval: told.days === "1" ? "01:00" : "02:00",
    slotWidth: told.days === "1" ? 40 : 30,
    slotMinTime: told.from,
    slotMaxTime: told.to,
    slotLabelFormat: clock,
    eventTimeFormat: clock,
    flexibleSlotTimeLimits: true,
    editable: false,
    selectable: Boolean(told.out),
    resources: [],
    eventSources: [{ events: function (info, succeed) { succeed(events()); } }],
    resourceLabelContent: function (info) {
      const label = element("span", "");
      label.append(element("span", info.resource.title, "d-block"), element("span", info.resource.extendedProps.code, "text-secondary small"));
      return { domNodes: [label] };
    },
    eventContent: function (info) {
      if (info.event.display === "background") return info.event.title || undefined;
      const label = element("span", "");
      label.append(element("b", info.event.extendedProps.mark + info.event.title), element("span", info.event.extendedProps.state, "said"));
      return { domNodes: [label] };
    },
    eventDidMount: function (info) {
      info.el.title = [info.timeText, info.event.title, info.event.extendedProps.state, info.event.extendedProps.more].filter(Boolean).join(" · ");
      if (info.event.display !== "background") info.el.dataset.number = info.event.id;
    },
    eventClick: function (info) {
      if (info.event.display === "background") return;
      location.href = told.booking.replace("NUMBER", encodeURIComponent(info.event.id));
    },
    eventDrop: function (info) {
      moved(info, info.newResource ? info.newResource.id : "");
    },
    eventResize: function (info) {
      moved(info, "");
    },
    select: function (info) {
      calendar.unselect();
      out("maintenance", info.resource ? info.resource.id : "", shown(info.start), shown(info.end));
    },
  });

  /* --- The palette: a kind of outage is dragged onto an instrument's time --- */

  document.querySelectorAll(".palette [data-kind]").forEach(function (chip) {
    let ghost = null;
    chip.draggable = false;
    chip.addEventListener("pointerdown", function (event) {
      if (event.button !== 0) return;
      chip.setPointerCapture(event.pointerId);
      const from = [event.clientX, event.clientY];
      function carry(event) {
        if (!ghost && Math.hypot(event.clientX - from[0], event.clientY - from[1]) < 8) return;
        if (!ghost) {
          ghost = element("div", chip.textContent, "palette-ghost");
          document.body.append(ghost);
        }
        ghost.style.setProperty("transform", "translate(" + (event.clientX + 8) + "px," + (event.clientY + 8) + "px)");
      }
      function drop(event) {
        chip.removeEventListener("pointermove", carry);
        if (!ghost) return;
        ghost.remove();
        ghost = null;
        chip.dataset.dragged = "1";
        const at = event.type === "pointerup" ? calendar.dateFromPoint(event.clientX, event.clientY) : null;
        if (at && at.resource) out(chip.dataset.kind, at.resource.id, shown(at.date), shown(new Date(at.date.getTime() + 120 * MINUTE)));
      }
      chip.addEventListener("pointermove", carry);
      chip.addEventListener("pointerup", drop, { once: true });
      chip.addEventListener("pointercancel", drop, { once: true });
    });
    chip.addEventListener("click", function (event) {
      event.preventDefault();
      if (chip.dataset.dragged) {
        delete chip.dataset.dragged;
        return;
      }
      out(chip.dataset.kind, "", "", "");
    });
  });

  ask();
})();
