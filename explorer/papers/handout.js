// Shows one moment at a time. Without this script, all moments are shown one after another.
"use strict";
(() => {
  const moments = [...document.querySelectorAll(".moment")];
  const bar = document.querySelector(".slider");
  const keys = [...document.querySelectorAll("details.key")];
  const range = bar.querySelector("input");
  const output = bar.querySelector("output");

  function show(number) {
    const at = Math.max(0, Math.min(number, moments.length - 1));
    moments.forEach((moment, n) => moment.classList.toggle("shown", n === at));
    const caption = moments[at].querySelector(".at").textContent;
    range.value = at;
    range.setAttribute("aria-valuetext", caption);
    output.textContent = caption;
  }

  const turns = { ArrowLeft: () => +range.value - 1, ArrowRight: () => +range.value + 1,
                  Home: () => 0, End: () => moments.length - 1 };

  document.addEventListener("keydown", (event) => {
    const turn = turns[event.key];
    const other = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
    if (!turn || other || event.target.closest("input, .picture, pre")) return;
    event.preventDefault();
    show(turn());
  });
  range.addEventListener("input", () => show(+range.value));
  for (const button of bar.querySelectorAll("button")) {
    button.addEventListener("click", () => show(+range.value + Number(button.value)));
  }

  // An answer is opened by the reader, and is printed.
  const close = () => keys.forEach((key) => { key.open = false; });
  window.addEventListener("beforeprint", () => keys.forEach((key) => { key.open = true; }));
  window.addEventListener("afterprint", close);
  close();

  if (moments.length > 1) {
    document.body.classList.add("one");
    bar.hidden = false;
    show(0);
  }
})();
