/*
 * The map of what was found: points of the list beside it, over the configured tiles or on empty ground with the names
 * of the districts. Without it a drawing stands in its place, and the list says the same.
 */
(function () {
  "use strict";
  let map = null;

  function number(element, name) {
    return Number(element.dataset[name]);
  }

  function popup(item) {
    const told = document.createElement("div");
    const name = item.querySelector("[data-name]").cloneNode(true);
    const list = item.querySelector("[data-list]").cloneNode(true);
    name.className = "fw-semibold d-block";
    list.className = "";
    told.append(name, list);
    return told;
  }

  /* Names of districts that would cover another name wait until the map is nearer. */
  function declutter() {
    const shown = [];
    document.querySelectorAll("#map .district-label > span").forEach(function (label) {
      label.hidden = false;
      const box = label.getBoundingClientRect();
      const covers = shown.some(function (other) {
        return box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      });
      label.hidden = covers;
      if (!covers) shown.push(box);
    });
  }

  function draw() {
    const place = document.getElementById("map");
    if (map) {
      map.remove();
      map = null;
    }
    if (!place || !window.L) return;
    const items = Array.from(document.querySelectorAll("#places [data-lat]"));
    if (!items.length) return;
    place.replaceChildren();
    place.classList.add("is-live");
    map = L.map(place, { attributionControl: Boolean(place.dataset.attribution), scrollWheelZoom: false, zoomSnap: 0.5 });
    const bounds = [];
    if (map.attributionControl) map.attributionControl.setPrefix(false);
    if (place.dataset.tiles) {
      L.tileLayer(place.dataset.tiles, { attribution: place.dataset.attribution, maxZoom: 18 }).addTo(map);
    } else {
      document.querySelectorAll("#map-districts [data-lat]").forEach(function (district) {
        const label = document.createElement("span");
        label.textContent = district.textContent;
        const icon = L.divIcon({ className: "district-label", html: label, iconSize: null });
        const centre = [number(district, "lat"), number(district, "lon")];
        L.marker(centre, { icon: icon, interactive: false, keyboard: false }).addTo(map);
        bounds.push(centre);
      });
    }
    items.forEach(function (item) {
      const point = [number(item, "lat"), number(item, "lon")];
      const name = item.querySelector("[data-name]").textContent;
      const icon = L.divIcon({ className: "map-point", iconSize: [22, 22] });
      const marker = L.marker(point, { icon: icon, title: name, alt: name, riseOnHover: true }).addTo(map);
      marker.bindPopup(function () { return popup(item); });
      item.addEventListener("mouseenter", function () { marker.getElement().classList.add("is-near"); });
      item.addEventListener("mouseleave", function () { marker.getElement().classList.remove("is-near"); });
      bounds.push(point);
    });
    map.on("zoomend", declutter);
    map.fitBounds(bounds, { padding: [40, 40], maxZoom: 13, animate: false });
    declutter();
  }

  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.target.id === "found" || (event.target.querySelector && event.target.querySelector("#map"))) draw();
  });
  if (document.readyState !== "loading") draw();
})();
