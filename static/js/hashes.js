/* Hashes of data files, computed in the browser: only name and hash go to the server. Typing them works without it. */
(function () {
  "use strict";
  const LARGEST = 1 << 30; /* a browser reads a file as a whole */

  function hex(buffer) {
    return Array.from(new Uint8Array(buffer), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  /* An empty row is filled; where none is left, the last one is written again with the next number. */
  function rowFor(card) {
    const rows = Array.from(card.querySelectorAll("[data-row]"));
    const free = rows.find(function (row) {
      return Array.from(row.querySelectorAll("input")).every(function (input) { return !input.value; });
    });
    if (free) return free;
    const total = card.querySelector("[name$='-TOTAL_FORMS']");
    const most = Number(card.querySelector("[name$='-MAX_NUM_FORMS']").value);
    const number = Number(total.value);
    if (number >= most) return null;
    const last = rows[rows.length - 1];
    const next = last.cloneNode(true);
    const old = card.dataset.prefix + "-" + (number - 1) + "-";
    const fresh = card.dataset.prefix + "-" + number + "-";
    next.querySelectorAll("*").forEach(function (one) {
      ["id", "name", "for", "aria-describedby"].forEach(function (name) {
        const value = one.getAttribute(name);
        if (value) one.setAttribute(name, value.replace(old, fresh));
      });
    });
    next.querySelectorAll("input").forEach(function (input) { input.value = ""; });
    next.querySelectorAll(".invalid-feedback").forEach(function (error) { error.remove(); });
    last.after(next);
    total.value = String(number + 1);
    return next;
  }

  function hashed(file, card) {
    if (file.size > LARGEST) return Promise.resolve(file.name + ": " + card.dataset.tooLarge);
    return file.arrayBuffer()
      .then(function (content) { return crypto.subtle.digest("SHA-256", content); })
      .then(function (digest) {
        const row = rowFor(card);
        if (!row) return "";
        row.querySelector("[name$='-name']").value = file.name;
        row.querySelector("[name$='-sha256']").value = hex(digest);
        return "";
      })
      .catch(function () { return file.name + ": " + card.dataset.unreadable; });
  }

  function begin(card) {
    const chooser = card.querySelector("[data-chooser]");
    if (!chooser || !window.crypto || !window.crypto.subtle) return;
    chooser.hidden = false;
    chooser.querySelector("input").addEventListener("change", function (event) {
      const said = card.querySelector("[data-said]");
      const files = Array.from(event.target.files);
      said.textContent = card.dataset.working;
      files.reduce(function (before, file) {
        return before.then(function (told) {
          return hashed(file, card).then(function (problem) { return problem ? told.concat(problem) : told; });
        });
      }, Promise.resolve([])).then(function (problems) {
        said.textContent = problems.join(" ");
        event.target.value = "";
      });
    });
  }

  document.querySelectorAll("[data-hashes]").forEach(begin);
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("[data-hashes]").forEach(function (card) {
      if (card.querySelector("[data-chooser][hidden]")) begin(card);
    });
  });
})();
