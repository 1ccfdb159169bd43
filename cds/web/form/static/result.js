// The result page: focus goes to the level, and the print button is there where it can work.
(function () {
  "use strict";
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const first = document.querySelector("[data-focus]");
  if (first) first.focus();
})();
