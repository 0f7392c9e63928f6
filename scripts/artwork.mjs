// Draws the icons and the notification sound in public/. Their source is the mark in public/icons.svg and the
// numbers below; the results are committed, so this runs only when one of them changes:
//   scripts/setup.sh all && NODE_PATH=end2end/node_modules node scripts/artwork.mjs
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { chromium } = createRequire(`${root}end2end/package.json`)("playwright-core");

const sprite = await readFile(`${root}public/icons.svg`, "utf8");
const mark = sprite.match(/<symbol id="mark"[^>]*>(.*?)<\/symbol>/s)[1];
const [rail, white] = ["#17343d", "#ffffff"];

/** The mark in the middle of a square; `part` is the share of the side that it takes, `radius` is of the side. */
const drawing = (part, radius) => {
  const scale = part, shift = (32 - 32 * scale) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="${32 * radius}" fill="${rail}"/>`
    + `<g transform="translate(${shift} ${shift}) scale(${scale})" fill="${white}">${mark}</g></svg>`;
};

// A tab is small and may be dark or light: the mark alone, in the accent of each scheme.
await writeFile(`${root}public/favicon.svg`,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>path,circle{fill:#0f6179}`
  + `@media(prefers-color-scheme:dark){path,circle{fill:#63b8d3}}</style>${mark}</svg>\n`);

const flags = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags.split(" ") });
await mkdir(`${root}public/icons`, { recursive: true });
for (const [name, size, part, radius] of [
  ["icon-192", 192, 0.62, 0.22],
  ["icon-512", 512, 0.62, 0.22],
  ["maskable-512", 512, 0.5, 0], // the platform cuts its own shape: keep inside the middle 80 %
  ["apple-touch", 180, 0.6, 0],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${drawing(part, radius)}`);
  await page.screenshot({ path: `${root}public/icons/${name}.png`, omitBackground: true });
  await page.close();
}
await browser.close();

// Two soft wooden notes, a fourth apart: a knock at a garden gate rather than an alarm. 16-bit mono WAV plays everywhere.
const rate = 16_000, seconds = 0.44, samples = Math.round(rate * seconds);
const notes = [{ at: 0, hz: 784 }, { at: 0.11, hz: 1046.5 }];
const wav = Buffer.alloc(44 + samples * 2);
wav.write("RIFF", 0); wav.writeUInt32LE(36 + samples * 2, 4); wav.write("WAVEfmt ", 8);
wav.writeUInt32LE(16, 16); wav.writeUInt16LE(1, 20); wav.writeUInt16LE(1, 22); wav.writeUInt32LE(rate, 24);
wav.writeUInt32LE(rate * 2, 28); wav.writeUInt16LE(2, 32); wav.writeUInt16LE(16, 34);
wav.write("data", 36); wav.writeUInt32LE(samples * 2, 40);
for (let n = 0; n < samples; n++) {
  let value = 0;
  for (const { at, hz } of notes) {
    const t = n / rate - at;
    if (t < 0) continue;
    const attack = Math.min(1, t / 0.006), tone = (k, level, fall) => level * Math.exp(-t * fall) * Math.sin(2 * Math.PI * hz * k * t);
    value += attack * (tone(1, 0.34, 11) + tone(2, 0.07, 18) + tone(3.93, 0.05, 40)); // marimba's overtones
  }
  const end = Math.min(1, (samples - n) / (rate * 0.03)); // no click at the end
  wav.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value * end)) * 32_000), 44 + n * 2);
}
await mkdir(`${root}public/sounds`, { recursive: true });
await writeFile(`${root}public/sounds/message.wav`, wav);
