// What a visitor reads, and an owner finds in the console, when a part of the chat is out of reach.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { chatkitFrame } from './harness/browser.mjs';
import { greeted, launcher, product, useProduct, useVisitor, visitor } from './suite.mjs';

/** Whether the function is down. */
let isDown = false;

useProduct({
  answer: (event, next) => (isDown ? Promise.reject(new Error('down')) : next(event)),
});
useVisitor();
beforeEach(() => {
  isDown = false;
});

/** @param {import('playwright-core').Page | import('playwright-core').Frame} page */
const alert = (page) => page.getByRole('alert');

test('a domain that OpenAI does not know is said after ten seconds, and the owner reads where to add it', async () => {
  // ChatKit's script is there, and never gets ready.
  await visitor.context.addInitScript(() => {
    customElements.define('openai-chatkit', class extends HTMLElement { setOptions() {} });
  });
  visitor.expectError(/did not get ready in 10 s. Add 127\.0\.0\.1 at https:\/\/platform\.openai\.com\/settings\/organization\/security\/domain-allowlist/);
  const page = await visitor.open();
  await page.clock.install();
  await page.goto(product.page('support'));
  await page.getByRole('status').waitFor({ state: 'attached' });
  await page.waitForFunction(() => document.querySelector('openai-chatkit'));
  await page.clock.fastForward(9_000);
  assert.equal(await alert(page).isVisible(), false);
  await page.clock.fastForward(1_500);
  await alert(page).getByText('Something is wrong on our side').waitFor();
  await alert(page).getByRole('link', { name: 'Write us an email' }).waitFor();
});

test('a function that is down is said in words, and a retry works once it is up', async () => {
  isDown = true;
  visitor.expectError(/502/);
  visitor.expectError(/no session: HTTP 502/);
  const page = await visitor.open(product.paste(await product.snippet('support', 'bubble')));
  await launcher(page).click();
  const frame = await chatkitFrame(page);
  await alert(frame).getByText('Something is wrong on our side').waitFor();
  isDown = false;
  await frame.getByRole('button', { name: 'Try again' }).click();
  await greeted(page);
  await alert(frame).waitFor({ state: 'hidden' });
});

test('without a network the visitor reads so, and the chat starts when it is back', async () => {
  const page = await visitor.open(product.page('support'));
  await greeted(page);
  visitor.expectError(/INTERNET_DISCONNECTED/);
  visitor.expectError(/Failed to fetch/);
  await page.evaluate(() => localStorage.clear());
  await visitor.context.setOffline(true);
  await page.evaluate(() => window.__chatkit.expire(window.__chatkit.instances[0]));
  await alert(page).getByText('There seems to be no connection').waitFor();
  await visitor.context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await greeted(page);
  await alert(page).waitFor({ state: 'hidden' });
});

test('when the panel can not be fetched, a click leads to the chat as a page', async () => {
  let isBlocked = true;
  await visitor.context.route('**/assets/panel.*', (route) => (isBlocked ? route.abort() : route.fallback()));
  visitor.expectError(/ERR_FAILED/);
  const page = await visitor.open(product.paste(await product.snippet('support', 'bubble')));
  await page.evaluate(() => addEventListener('chat:error', (event) => (document.title = event.detail.code)));
  const [popup] = await Promise.all([page.waitForEvent('popup'), launcher(page).click()]);
  assert.equal(popup.url(), product.page('support'));
  assert.equal(await page.title(), 'not_loaded');
  await popup.close();
  isBlocked = false;
  await launcher(page).click();
  await greeted(page);
});

test('when the page can not be fetched, the panel says so, and a retry works', async () => {
  let isBlocked = true;
  await visitor.context.route('**/w/support/', (route) => (isBlocked ? route.abort() : route.fallback()));
  visitor.expectError(/does not answer/);
  const page = await visitor.open(product.paste(await product.snippet('support', 'bubble')));
  await launcher(page).click();
  await alert(page).getByText('The chat could not start').waitFor();
  isBlocked = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await greeted(page);
  await alert(page).waitFor({ state: 'detached' });
});
