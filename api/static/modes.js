"use strict";
// Normal or large, light or dark: the same keys and values as the phone pages, so that a choice made there holds here and the other way round.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const read = (name) => {
    try {
      return JSON.parse(localStorage.getItem(`zt.${name}`));
    } catch {
      return null;
    }
  };
  const keep = (name, value) => {
    try {
      localStorage.setItem(`zt.${name}`, JSON.stringify(value));
    } catch {
      // Storage may be forbidden; the choice then holds for this page only.
    }
  };
  const first = read("tone");
  const chosen = { large: read("large") === true, dark: first === "dark" || (first !== "light" && system.matches) };

  function show() {
    for (const [mode, isOn] of Object.entries(chosen)) {
      root.classList.toggle(`z-${mode}`, isOn);
      document.querySelector(`[data-mode=${mode}]`)?.setAttribute("aria-pressed", String(isOn));
    }
  }

  function turn(mode) {
    chosen[mode] = !chosen[mode];
    if (mode === "large") keep("large", chosen.large);
    else keep("tone", chosen.dark ? "dark" : "light");
    show();
  }

  show();
  system.addEventListener("change", () => {
    if (["light", "dark"].includes(read("tone"))) return;
    chosen.dark = system.matches;
    show();
  });
  document.addEventListener("DOMContentLoaded", () => {
    show();
    for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => turn(button.dataset.mode));
  });
})();
