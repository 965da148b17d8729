/*
 * Finding: help while typing in the one box, and addresses without empty parts. The search itself needs none of it.
 */
(function () {
  "use strict";

  /* --- Addresses: what was left empty is not asked --------------------------------------------------------------- */

  document.addEventListener("htmx:configRequest", function (event) {
    const form = event.target.closest && event.target.closest("form[data-tidy]");
    if (!form) return;
    const parameters = event.detail.parameters;
    Array.from(new Set(Array.from(parameters.keys ? parameters.keys() : Object.keys(parameters)))).forEach(function (name) {
      const value = parameters[name];
      if (value === "" || (name === "sort" && value === "best")) delete parameters[name];
    });
  });

  /* --- Help while typing: a combobox whose options are links ------------------------------------------------------ */

  const WAIT = 120;
  let timer = 0;
  let asked = null;
  let options = [];
  let active = -1;

  function boxOf(input) {
    return input && input.closest ? input.closest(".search-box") : null;
  }

  function prepare(input) {
    if (input.getAttribute("role") === "combobox") return;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", "suggestions");
  }

  function close(box) {
    const input = box.querySelector("input");
    box.querySelector("[role=listbox]").hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    options = [];
    active = -1;
    window.clearTimeout(timer);
    if (asked) asked.abort();
  }

  function element(tag, classes, text) {
    const made = document.createElement(tag);
    if (classes) made.className = classes;
    if (text) made.textContent = text;
    return made;
  }

  function show(box, groups) {
    const list = box.querySelector("[role=listbox]");
    const input = box.querySelector("input");
    list.replaceChildren();
    options = [];
    active = -1;
    groups.forEach(function (group) {
      const part = element("div", "suggestion-group");
      const label = element("div", "suggestion-label", group.label);
      label.id = "suggestions-" + group.kind;
      part.setAttribute("role", "group");
      part.setAttribute("aria-labelledby", label.id);
      part.append(label);
      group.items.forEach(function (item) {
        const option = element("a", "suggestion");
        option.id = "suggestion-" + options.length;
        option.href = item.url;
        option.tabIndex = -1;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(element("span", "", item.text));
        if (item.note) option.append(element("span", "text-secondary small", item.note));
        options.push(option);
        part.append(option);
      });
      list.append(part);
    });
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(options.length > 0));
    input.removeAttribute("aria-activedescendant");
    box.querySelector("[data-said]").textContent = options.length ? box.dataset.told.replace("{number}", options.length) : box.dataset.none;
  }

  function ask(box, text) {
    if (asked) asked.abort();
    asked = new AbortController();
    fetch(box.dataset.suggest + "?q=" + encodeURIComponent(text), { signal: asked.signal, headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : { groups: [] }; })
      .then(function (told) {
        const input = box.querySelector("input");
        if (input === document.activeElement && input.value.trim() === text) show(box, told.groups);
      })
      .catch(function () { /* overtaken by the next letter, or offline: the search works without help */ });
  }

  function choose(box, place) {
    if (active >= 0 && options[active]) options[active].setAttribute("aria-selected", "false");
    active = place;
    const input = box.querySelector("input");
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    options[active].setAttribute("aria-selected", "true");
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  }

  document.addEventListener("focusin", function (event) {
    if (boxOf(event.target) && event.target.matches("input")) prepare(event.target);
  });

  document.addEventListener("input", function (event) {
    const box = boxOf(event.target);
    if (!box || !event.target.matches("input")) return;
    prepare(event.target);
    const text = event.target.value.trim();
    window.clearTimeout(timer);
    if (!text) {
      close(box);
      return;
    }
    timer = window.setTimeout(function () { ask(box, text); }, WAIT);
  });

  document.addEventListener("keydown", function (event) {
    const box = boxOf(event.target);
    if (!box || !event.target.matches("input") || event.isComposing) return;
    if (event.key === "Escape") {
      if (options.length) event.preventDefault();
      close(box);
    } else if (event.key === "ArrowDown" && options.length) {
      event.preventDefault();
      choose(box, active + 1 >= options.length ? -1 : active + 1);
    } else if (event.key === "ArrowUp" && options.length) {
      event.preventDefault();
      choose(box, active < 0 ? options.length - 1 : active - 1);
    } else if (event.key === "Enter") {
      if (active >= 0 && options[active]) {
        event.preventDefault();
        options[active].click();
      }
      close(box);
    }
  });

  document.addEventListener("focusout", function (event) {
    const box = boxOf(event.target);
    if (box && !box.contains(event.relatedTarget)) close(box);
  });

  document.addEventListener("mousedown", function (event) {
    if (event.target.closest(".suggestion")) event.preventDefault(); /* the field keeps the focus until the link is followed */
  });
})();
