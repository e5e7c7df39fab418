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
  kept.addEventListener("drafted", () => (changed = [...kept.querySelectorAll("[type=file]")].some((file) => file.value)));
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

// <input data-all>: a box for all boxes of its section, or of the list. Without this file the server reads it.
const boxesOf = (all) => [...(all.closest(".group-of") ?? document.querySelector("[data-tasks]")).querySelectorAll("[name=unit]")];
const showAll = () => {
  for (const all of document.querySelectorAll("[data-all]")) {
    const boxes = boxesOf(all);
    const count = boxes.filter((box) => box.checked).length;
    all.removeAttribute("name");
    all.disabled = !boxes.length;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
};
showAll();
document.addEventListener("htmx:afterSwap", showAll); // before the new boxes are drawn
document.addEventListener("change", ({ target }) => {
  const list = document.querySelector("[data-tasks]");
  if (target.matches("[data-all]")) for (const box of boxesOf(target)) box.checked = target.checked;
  if (target.matches(".select-all input")) list.dispatchEvent(new Event("change"));
  showAll();
}, true); // before htmx sends the selection

// Filters that htmx could not send, as after the session has ended, are sent by the browser.
for (const failed of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failed, ({ detail: { elt } }) => elt.closest("form[method=get]")?.submit());
}

// The task list: J and K walk its groups and rows, Enter opens, / searches. Elsewhere a key presses its [data-key]. All
// can be switched off (WCAG 2.1.4).
const help = document.querySelector(".keys");
if (help) {
  const on = help.querySelector("input");
  help.hidden = false;
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

  const walk = (step) => {
    const stops = [...document.querySelectorAll("[data-tasks] :is(summary, .task-label a)")].filter((stop) => stop.checkVisibility());
    const at = stops.indexOf(document.activeElement);
    const next = at < 0 ? stops.findIndex((stop) => stop.matches("a")) : at + step;
    stops[Math.min(Math.max(next, 0), stops.length - 1)]?.focus();
  };
  const keys = document.querySelector("[data-key]") ? {} : {
    j: () => walk(1),
    k: () => walk(-1),
    "/": () => document.querySelector("main [type=search]").focus(),
  };
  for (const control of document.querySelectorAll("[data-key]")) keys[control.dataset.key] = () => control.click();
  document.addEventListener("keydown", (event) => {
    if (!on.checked || !help.checkVisibility()) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("select, textarea, input:not([type=checkbox])")) return;
    const press = keys[event.key.toLowerCase()];
    if (!press) return;
    event.preventDefault();
    press();
  });
}

// A menu of the head closes by Escape and by a click beside it.
const menus = document.querySelectorAll(".menu-more, .account");
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// <input data-suggestions="ADDRESS">: a list opens while one types. Arrows choose, Enter opens, Escape closes.
const box = document.querySelector("[data-suggestions]");
if (box) {
  const WAIT = 150; // milliseconds after a key
  let timer, asked;

  const list = () => document.getElementById("suggestions");
  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list()?.remove();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    asked = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggestions}?${new URLSearchParams({ q: box.value })}`, { signal: asked.signal });
      if (!answer.ok) return;
      const found = await answer.text();
      list()?.remove();
      box.removeAttribute("aria-activedescendant");
      box.insertAdjacentHTML("afterend", found);
      if (!list().children.length) list().remove();
      box.setAttribute("aria-expanded", String(Boolean(list())));
    } catch {} // typed on, or without a network
  };
  const choose = (step) => {
    const options = [...list().children];
    const at = options.findIndex((option) => option.ariaSelected === "true");
    if (at >= 0) options[at].ariaSelected = "false";
    const next = options[at < 0 && step < 0 ? options.length - 1 : at + step];
    if (next) {
      next.ariaSelected = "true";
      next.scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", next.id);
    } else box.removeAttribute("aria-activedescendant");
  };
  box.role = "combobox";
  box.autocomplete = "off";
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", "suggestions");
  close();
  box.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort();
    timer = setTimeout(ask, WAIT);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || !list()) return;
    const chosen = list().querySelector("[aria-selected=true]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen) chosen.click();
    else return;
    event.preventDefault();
  });
  box.form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!box.form.contains(relatedTarget)) close();
  });
}

// [data-session=SECONDS]: two minutes before the session ends, a dialog is fetched in which one button extends it. Reading
// how much is left extends nothing.
const session = document.querySelector("[data-session]");
if (session) {
  const WARNED = 120; // seconds
  const AGAIN = 5; // seconds between tries of a request that failed
  let ending, timer;

  const add = (dialog) => {
    document.body.insertAdjacentHTML("beforeend", dialog);
    ending = document.body.lastElementChild;
    ending.querySelector("[data-close]").addEventListener("click", () => ending.close());
    ending.addEventListener("submit", (event) => {
      event.preventDefault();
      request({ method: "POST", body: new FormData(event.target) }, "role").catch(() => show("failed"));
    });
  };
  const show = (what) => {
    const [extend, close] = ending.querySelectorAll("button");
    for (const words of ending.querySelectorAll("[data-says]")) words.hidden = words.dataset.says !== what;
    extend.hidden = what === "over" || what === "role";
    close.hidden = !extend.hidden;
    if (!ending.open) ending.showModal();
    (extend.hidden ? close : extend).focus();
  };
  const waitFor = (seconds, says) => {
    clearTimeout(timer);
    if (seconds > WARNED) {
      ending.close();
      timer = setTimeout(read, (seconds - WARNED) * 1000);
    } else if (seconds > 0) {
      show(says);
      timer = setTimeout(show, seconds * 1000, "over");
    } else {
      show("over");
    }
  };
  const request = async (options, says) => {
    const answer = await fetch(session.dataset.sessionUrl, options);
    if (!answer.ok) throw new Error(answer.status);
    const { seconds, dialog } = await answer.json();
    if (!ending) add(dialog);
    waitFor(seconds, says);
  };
  const read = () =>
    request({}, "soon").catch(() => {
      clearTimeout(timer);
      timer = setTimeout(read, AGAIN * 1000);
    });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) read();
  });
  timer = setTimeout(read, Math.max(session.dataset.session - WARNED, 0) * 1000);
}
