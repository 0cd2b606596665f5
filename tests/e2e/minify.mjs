// Makes `themes/default/minified/` from the theme's readable scripts and styles. The build takes what is in there for
// as long as the sources are those it was made from. `npm run minify -- --check` tells whether it is up to date.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const THEME = fileURLToPath(new URL('../../themes/default/', import.meta.url));

/** What a browser gets as one file each. */
const ENTRIES = [
  'loader/loader.js',
  'loader/loader.css',
  'loader/panel.css',
  'static/css/page.css',
  'static/js/direct.js',
  'static/js/page.js',
  'static/js/panel.js',
];

/** Browsers that know `light-dark()`, which the styles need anyway. */
const TARGET = ['chrome123', 'firefox120', 'safari17.5'];

/** Every file of the folder, with its text. */
async function minified() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: THEME,
    entryPoints: ENTRIES,
    outbase: '.',
    outdir: 'minified',
    bundle: true,
    minify: true,
    format: 'esm',
    target: TARGET,
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  /** @type {Record<string, Record<string, string>>} */
  const sources = {};
  for (const { entryPoint, inputs } of Object.values(metafile.outputs)) {
    const names = Object.keys(inputs).sort();
    const hashes = names.map(async (name) => [name, createHash('sha256').update(await readFile(join(THEME, name))).digest('hex')]);
    sources[String(entryPoint)] = Object.fromEntries(await Promise.all(hashes));
  }
  const files = outputFiles.map(({ path, text }) => [relative(join(THEME, 'minified'), path), text]);
  return Object.fromEntries([...files, ['sources.json', `${JSON.stringify(sources, null, 2)}\n`]]);
}

const files = await minified();
if (process.argv.includes('--check')) {
  for (const [name, text] of Object.entries(files)) {
    const found = await readFile(join(THEME, 'minified', name), 'utf8').catch(() => '');
    if (found !== text) throw new Error(`themes/default/minified/${name} is not up to date: npm run minify`);
  }
} else {
  await rm(join(THEME, 'minified'), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(THEME, 'minified', name)), { recursive: true });
    await writeFile(join(THEME, 'minified', name), text);
  }
}
