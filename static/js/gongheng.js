/* What all pages share: the theme switch, messages that leave, and a word when the connection fails. */
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-theme-toggle]")) {
      window.gonghengTheme.toggle();
    }
    const closer = event.target.closest("[data-close]");
    if (closer) {
      closer.closest(closer.dataset.close).remove();
    }
    if (event.target.closest("[data-print]")) {
      window.print();
    }
  });

  /* A choice that needs no button: the form of a select marked so is sent when the choice changes. */
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submits]")) {
      event.target.form.requestSubmit();
    }
  });

  /* An act that takes a moment: its form is sent once, its button turns, and what is being done is said. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (!form.matches("[data-works]")) return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    if (event.submitter) event.submitter.classList.add("btn-loading");
    form.querySelectorAll("[data-working]").forEach(function (told) { told.hidden = false; });
  });

  /* Whoever comes back to a page by the browser's own button finds its forms as they were. */
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-works][aria-busy]").forEach(function (form) {
      form.removeAttribute("aria-busy");
      form.querySelectorAll(".btn-loading").forEach(function (button) { button.classList.remove("btn-loading"); });
      form.querySelectorAll("[data-working]").forEach(function (told) { told.hidden = true; });
    });
  });

  document.addEventListener("click", function (event) {
    const copier = event.target.closest("[data-copy]");
    if (!copier) return;
    const source = document.querySelector(copier.dataset.copy);
    navigator.clipboard.writeText(source.value || source.textContent.trim()).then(function () {
      copier.classList.add("is-copied");
      setTimeout(function () { copier.classList.remove("is-copied"); }, 2000);
    });
  });

  function say(text) {
    const place = document.getElementById("messages");
    const template = document.getElementById("message-template");
    if (!place || !template || !text) return;
    const message = template.content.cloneNode(true);
    message.querySelector("[data-text]").textContent = text;
    place.append(message);
  }

  document.addEventListener("htmx:sendError", function () { say(document.body.dataset.offline); });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status >= 500) say(document.body.dataset.fault);
  });
})();
