// The answer form saves a draft while somebody types. templates/tracker/record/record.html has the words; htmx sends.

const SOON = 3000; // milliseconds from a change until it is saved
const SLOW = 1000; // after which a save that is under way is told
const AGAIN = [2000, 5000, 10000, 20000]; // between the tries of a save that failed
const REFUSED = [409, 422]; // tried again only once something changes: the answer to them says why
const TOLD = { 0: "offline", 401: "signed-out", 403: "refused", 404: "refused" };

const line = document.querySelector("[data-draft]");
const form = line.closest("form");
let changed = form.dataset.keep === "changed";
let leaving = false;
let failures = 0;
let tokenIsFresh = false;
let timer, slow;

sessionStorage.removeItem("htmx-current-path-for-history"); // nothing is kept in the browser
form.querySelector("[data-save-draft]").hidden = true;

// What stands there already is not read out again.
const says = (words) => words.textContent.trim() === line.textContent.trim();

const tell = (what) => {
  const words = document.querySelector(`[data-draft-says="${what}"]`).content.cloneNode(true);
  if (!says(words)) line.replaceChildren(words);
};

const save = () => {
  clearTimeout(timer);
  timer = undefined;
  if (!changed || leaving || line.matches(".htmx-request")) return;
  changed = false;
  htmx.trigger(line, "draft");
};

const saveIn = (wait) => (timer ??= setTimeout(save, wait));

const succeed = () => {
  failures = 0;
  tokenIsFresh = false;
  if (changed) saveIn(SOON);
  else form.dispatchEvent(new Event("drafted"));
};

const fail = (status, token) => {
  changed = true;
  if (REFUSED.includes(status)) return;
  if (token && !tokenIsFresh) {
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => (field.value = token));
    tokenIsFresh = true;
    saveIn(0);
    return;
  }
  tell(TOLD[status] ?? "failed");
  saveIn(AGAIN[Math.min(failures++, AGAIN.length - 1)]);
};

form.addEventListener("input", () => {
  changed = true;
  leaving = false; // the browser was stopped before it left
  saveIn(SOON);
});
form.addEventListener("focusout", ({ relatedTarget: next }) => {
  const isPosted = next?.type === "submit" && next.form === form;
  if (!isPosted) save();
});
form.addEventListener("submit", (event) => (leaving = !event.defaultPrevented));
// A browser is content if it shows where the words begin, and leaves the rest of the field under the actions.
form.addEventListener("keyup", ({ key, target }) => key === "Tab" && target.scrollIntoView({ block: "nearest" }));
window.addEventListener("pageshow", () => (leaving = false));
document.addEventListener("visibilitychange", save); // away to another tab, or back from signing in there
window.addEventListener("online", save);

line.addEventListener("htmx:beforeSend", () => (slow = setTimeout(tell, SLOW, "saving")));
line.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const words = document.createElement("p");
  words.innerHTML = detail.serverResponse;
  if (says(words)) detail.shouldSwap = false;
});
line.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  clearTimeout(slow);
  if (xhr.status === 200) succeed();
  else fail(xhr.status, xhr.getResponseHeader("X-CSRFToken"));
});

if (changed) saveIn(SOON);
