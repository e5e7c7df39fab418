// The file of an evidence item is uploaded as soon as it is chosen: its name as title, progress, cancel.
// templates/tracker/evidence/upload.html has the words; htmx sends.

const choose = (input, file) => {
  const chosen = new DataTransfer();
  chosen.items.add(file);
  input.files = chosen.files;
};
const addItem = async () => {
  const items = document.querySelector("#new-evidence");
  const button = document.querySelector("[name=another]");
  const count = items.children.length;
  const done = new Promise((resolve) => button.addEventListener("htmx:afterRequest", resolve, { once: true }));
  button.click();
  await done;
  if (items.children.length === count) return null;
  htmx.process(items.lastElementChild);
  return items.lastElementChild.querySelector("[type=file]");
};

// Of several files chosen at once, each gets an item, and is uploaded by itself.
document.addEventListener("change", async ({ target }) => {
  if (target.type !== "file" || target.files.length < 2) return;
  const [first, ...others] = target.files;
  const from = target.closest(".new-evidence");
  choose(target, first);
  for (const file of others) {
    const input = await addItem();
    document.querySelector("[data-unadded]").hidden = input !== null;
    if (!input) return;
    const item = input.closest(".new-evidence");
    for (const name of ["kind", "language"]) item.querySelector(`[name$=${name}]`).value = from.querySelector(`[name$=${name}]`).value;
    item.querySelector(`[name$=disclosure][value=${from.querySelector("[name$=disclosure]:checked").value}]`).checked = true;
    choose(input, file);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}, true); // before htmx sends the files

document.addEventListener("change", ({ target }) => {
  if (target.type !== "file" || !target.value) return;
  const slot = target.closest(".upload");
  const title = slot.closest(".form").querySelector("[name$=title]");
  if (!title.value) title.value = target.files[0].name.replace(/\.[^.]*$/, "");
  slot.querySelector("[data-failed]").hidden = true;
});

document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  const bar = target.querySelector("progress");
  if (bar && detail.lengthComputable) Object.assign(bar, { max: detail.total, value: detail.loaded });
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const failed = target.querySelector?.("[data-failed]");
  if (failed && !detail.successful) failed.hidden = !target.querySelector("[type=file]").value;
});

// What was uploaded, removed or added belongs to the draft. The button that was pressed is gone: a field takes the focus.
document.addEventListener("htmx:afterSettle", ({ target, detail: { requestConfig: { elt: pressed } } }) => {
  if (!target.closest?.(".upload, .new-evidence, #cited") || target.closest("#found")) return;
  target.closest("form").dispatchEvent(new Event("input"));
  if (pressed.name === "cite") target.querySelector(`[name=pinpoint_${pressed.value}]`)?.focus();
  if (pressed.name === "discard") target.querySelector("[type=file]")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "find") event.preventDefault(); // it searches, and saves nothing
});

document.addEventListener("click", ({ target }) => {
  const slot = target.closest("[data-cancel]")?.closest(".upload");
  if (!slot) return;
  slot.querySelector("[type=file]").value = "";
  htmx.trigger(slot, "htmx:abort");
});
