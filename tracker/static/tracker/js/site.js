// Conveniences only: every page does all of its work without this file.

const BREATH = 3000; // milliseconds in which a second press of a button is a slip

// The errors of a form are read first, even where the address leads elsewhere on the page.
document.querySelector(".errors")?.focus();

// A form that is posted twice in one breath is posted once.
document.addEventListener("submit", (event) => {
  const posted = event.target;
  if (posted.method !== "post") return;
  if (posted.dataset.posted) {
    event.preventDefault();
    return;
  }
  posted.dataset.posted = "yes";
  setTimeout(() => delete posted.dataset.posted, BREATH);
});

// <form data-keep="" or "changed">: leaving what was typed is asked about, and Ctrl+S presses [data-save].
const kept = document.querySelector("form[data-keep]");
if (kept) {
  let changed = kept.dataset.keep === "changed";
  kept.addEventListener("input", () => (changed = true));
  kept.addEventListener("submit", () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    kept.requestSubmit(kept.querySelector("[data-save]"));
  });
}

// components/copy_button.html: shown only where the browser can copy.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.nextElementSibling.textContent = button.dataset.copied;
    });
  }
}

// The task list: J and K walk, Enter opens (it is a link), X selects, / searches.
if (document.querySelector("[data-tasks]")) {
  const links = () => [...document.querySelectorAll("[data-tasks] .task-label a")].filter((link) => link.checkVisibility());
  const walk = (step) => {
    const all = links();
    const here = document.activeElement.closest(".task");
    const at = all.findIndex((link) => link.closest(".task") === here);
    const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next]?.focus();
  };
  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => document.activeElement.closest(".task")?.querySelector("[type=checkbox]")?.click(),
    "/": () => document.querySelector("[type=search]")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("select, textarea, input:not([type=checkbox])")) return;
    const press = keys[event.key.toLowerCase()];
    if (!press) return;
    event.preventDefault();
    press();
  });
}
