(function () {
  "use strict";
  var places = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  var font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  var config = {
    font: font, background: null, view: { stroke: null },
    axis: { labelFontSize: 11.5, titleFontWeight: "normal", titleFontSize: 11.5, domainWidth: 1 }
  };
  function drawn(well) {
    document.documentElement.setAttribute("data-charts", well ? "drawn" : "failed");
  }
  var drawings = places.map(function (place) {
    var source = document.getElementById(place.id + "-spec");
    return vegaEmbed(place, JSON.parse(source.textContent), {
      ast: true, renderer: "svg", config: config, actions: false, tooltip: { theme: "dark" }
    }).then(function () {
      var title = place.getAttribute("aria-label");
      var svg = place.querySelector("svg");
      if (svg) { svg.setAttribute("role", "img"); svg.setAttribute("aria-label", title); }
      return true;
    }).catch(function () {
      place.textContent = "This chart could not be drawn; the table below holds its figures.";
      return false;
    });
  });
  Promise.all(drawings).then(function (well) { drawn(well.every(Boolean)); });
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("main details:not([open]):not(.data)"));
    opened.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
  });
}());
