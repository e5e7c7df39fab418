// Django draws a field with a search as a text box without a name: it gets the label of its field.
function nameSearches() {
  for (const box of document.querySelectorAll(".select2-selection__rendered")) {
    const field = box.closest(".select2").previousElementSibling;
    box.setAttribute("aria-label", field.labels[0].textContent.trim());
  }
}
window.django?.jQuery?.(nameSearches); // after the scripts above have drawn the fields
document.addEventListener("formset:added", nameSearches);
