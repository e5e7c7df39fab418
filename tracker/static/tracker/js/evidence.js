// The file of an evidence item is uploaded as soon as it is chosen: its name as title, progress, cancel.
// templates/tracker/evidence/upload.html has the words; htmx sends.

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

// What was uploaded, removed or added belongs to the draft.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.closest?.(".upload, .new-evidence, #cited") && !target.closest("#found")) target.closest("form").dispatchEvent(new Event("input"));
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
