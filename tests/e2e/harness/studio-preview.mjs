// The preview that the studio's tests look at: the one place that says which server that is.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { REPOSITORY } from '../deploy.mjs';
import { startPreviewDouble } from '../doubles/preview.mjs';

const run = promisify(execFile);

/** @type {Promise<any> | undefined} */
let schema;

/** Starts a preview of the sample site.
 * @param {Partial<Parameters<typeof startPreviewDouble>[0]> & { change?: (text: string) => string }} [options] */
export async function startPreview({ change = (text) => text, ...options } = {}) {
  schema ??= siteSchema();
  const sample = await readFile(`${REPOSITORY}/site.yaml`, 'utf8');
  return startPreviewDouble({ text: change(sample), schema: await schema, ...options });
}

/** The JSON Schema that the generator prints. */
export async function siteSchema() {
  const { stdout } = await run('cargo', ['run', '--quiet', '--package', 'chatkit-embed', '--', 'schema'], { cwd: REPOSITORY, maxBuffer: 1 << 24 });
  return JSON.parse(stdout);
}
