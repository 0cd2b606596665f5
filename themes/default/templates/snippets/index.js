// Copies the code beside a button. The page is opened from disk, where some browsers lend no clipboard.
document.addEventListener("click", async ({ target }) => {
  const button = target instanceof Element ? target.closest("[data-copy]") : null;
  const code = button?.parentElement?.querySelector("code");
  if (!code) {
    return;
  }
  const said = document.getElementById("said");
  let text = "Copied";
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
  } catch {
    getSelection()?.selectAllChildren(code);
    text = "Selected: copy it with Ctrl+C or ⌘C";
  }
  if (said) {
    said.textContent = text;
    setTimeout(() => (said.textContent = ""), 4000);
  }
});
