(function () {
  "use strict";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var places = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  function config(onPaper) {
    var ink = dark.matches && !onPaper ? "#e8e6e3" : "#1f2328";
    var line = dark.matches && !onPaper ? "#3a3f47" : "#d9dde3";
    var font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
    return {
      font: font,
      background: null,
      view: { stroke: null },
      text: { color: ink, fontSize: 12 },
      tick: { color: ink },
      axis: { labelColor: ink, titleColor: ink, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontWeight: "normal" },
      legend: { labelColor: ink, titleColor: ink, labelFontSize: 12, symbolType: "square" }
    };
  }
  function draw(onPaper) {
    places.forEach(function (place) {
      var source = document.getElementById(place.id + "-spec");
      if (!source) { return; }
      var spec = JSON.parse(source.textContent);
      vegaEmbed(place, spec, {
        ast: true, renderer: "svg", config: config(onPaper), tooltip: { theme: dark.matches ? "dark" : "light" },
        actions: { export: true, source: false, compiled: false, editor: false }
      }).catch(function () {
        place.textContent = "The plot could not be drawn; the table below holds its numbers.";
      });
    });
  }
  draw(false);
  dark.addEventListener("change", function () { draw(false); });
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    opened = opened.filter(function (d) { return d.closest("main") && !d.classList.contains("data"); });
    opened.forEach(function (d) { d.open = true; });
    if (dark.matches) { draw(true); }
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
    if (dark.matches) { draw(false); }
  });
}());
