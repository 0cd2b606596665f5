/** Types into the composer of the preview's stand-in chat, and sends it by keyboard once messages are taken: before that,
 * Enter does nothing, as the button says.
 * @param {import("playwright-core").Page | import("playwright-core").Frame | import("playwright-core").FrameLocator} chat
 * @param {string} text */
export async function send(chat, text) {
  const composer = chat.getByRole("textbox");
  await composer.fill(text);
  await chat.getByRole("button", { name: "Send", disabled: false }).waitFor();
  await composer.press("Enter");
}
