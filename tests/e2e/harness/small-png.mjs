/** Pictures for a README: PNGs with a palette of 256 colours, which is plenty for pages and a third of the bytes. */

import { crc32, deflateSync } from "node:zlib";

/** @param {import("playwright-core").Page} page any page without a policy, such as a new one @param {Buffer} png
 * @returns {Promise<Buffer>} */
export async function smallPng(page, png) {
  const { width, height, palette, pixels } = await page.evaluate(quantise, png.toString("base64"));
  const indices = Buffer.from(pixels, "base64");
  const rows = Buffer.alloc((width + 1) * height);
  // The first byte of each row says that the row is as it is.
  for (let row = 0; row < height; row += 1) {
    indices.copy(rows, row * (width + 1) + 1, row * width, (row + 1) * width);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("PLTE", Buffer.from(palette)),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Runs in the page. The colours that are there most often, no two of them alike. @param {string} base64 */
async function quantise(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const { width, height } = image;
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, height).getContext("2d")
  );
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  /** @type {Map<number, number>} */
  const counts = new Map();
  const colour = (/** @type {number} */ at) => (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
  for (let at = 0; at < data.length; at += 4) {
    counts.set(colour(at), (counts.get(colour(at)) ?? 0) + 1);
  }
  const parts = (/** @type {number} */ value) => [value >> 16, (value >> 8) & 255, value & 255];
  const distance = (/** @type {number[]} */ one, /** @type {number[]} */ other) =>
    one.reduce((sum, part, index) => sum + (part - other[index]) ** 2, 0);
  const all = [...counts].sort(([, one], [, other]) => other - one).map(([value]) => value);
  /** @type {number[][]} */
  const palette = [];
  for (const value of all) {
    const candidate = parts(value);
    if (palette.length < 256 && palette.every((known) => distance(known, candidate) > 40)) {
      palette.push(candidate);
    }
  }
  const nearest = new Map(
    all.map((value) => {
      const distances = palette.map((known) => distance(known, parts(value)));
      return [value, distances.indexOf(Math.min(...distances))];
    }),
  );
  let pixels = "";
  for (let at = 0; at < data.length; at += 4) {
    pixels += String.fromCharCode(nearest.get(colour(at)) ?? 0);
  }
  return { width, height, palette: palette.flat(), pixels: btoa(pixels) };
}
