// Whatever `build` accepts, ChatKit accepts: every page of every valid site of the corpus is opened, its options pass
// the double's strict validation, and they type-check against the real types.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { REPOSITORY } from './deploy.mjs';
import { chatkitFrame, chatkitOptions, openBrowser } from './harness/browser.mjs';
import { serveSite } from './harness/site-server.mjs';
import { checkOptions } from './harness/types.mjs';

const run = promisify(execFile);
const CORPUS = join(REPOSITORY, 'tests/fixtures/valid');

/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;

before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

/** Every session is minted: what the function does is tried elsewhere. */
const invoke = async () => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ client_secret: `ek_${Math.random()}`, expires_at: Date.now() / 1000 + 600 }),
});

for (const file of await readdir(CORPUS)) {
  test(`ChatKit takes all options of ${file}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'fixture-'));
    t.after(() => rm(folder, { recursive: true }));
    const dist = join(folder, 'dist');
    await mkdir(dist);
    const site = await serveSite({ dist, invoke });
    t.after(site.close);
    const args = ['run', '--quiet', '--package', 'chatkit-embed', '--', 'build', '--config', join(CORPUS, file)];
    const places = ['--out', dist, '--snippets', join(folder, 'snippets'), '--base-url', site.url];
    await run('cargo', [...args, ...places], { cwd: REPOSITORY });

    const visitor = await browser.visitor();
    await visitor.context.route(/^(https:\/\/agent\.example\.com|http:\/\/localhost:8000)\//, (route) => {
      const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };
      return route.fulfill({ headers, json: { data: [], has_more: false } });
    });
    /** @type {Record<string, unknown>} */
    const options = {};
    for (const widget of await readdir(join(dist, 'w'))) {
      if (widget.endsWith('.js')) continue;
      const page = await visitor.open(`${site.url}/w/${widget}/`);
      [options[widget]] = await chatkitOptions(await chatkitFrame(page));
      await page.close();
    }
    await visitor.close();
    assert.ok(Object.keys(options).length > 0);
    assert.deepEqual(await checkOptions(options), []);
  });
}
