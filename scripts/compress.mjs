// Trunk's post-build hook: checks the page and writes NAME.br and NAME.gz beside every file of the build
// that becomes smaller by it, so that the server only ever hands out ready bytes.
// A debug build skips the compression: it would cost seconds at every change.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.env.TRUNK_STAGING_DIR ?? "dist";
const release = (process.env.TRUNK_PROFILE ?? "release") === "release";
const kinds = /\.(html|js|css|wasm|svg|json|webmanifest|txt)$/;

const page = await readFile(join(folder, "index.html"), "utf8");
for (const [what, pattern] of [
  ["script", /<script(?![^>]*\bsrc=)/i],
  ["style", /<style|\sstyle\s*=/i],
  ["event handler", /<[^>]+\son[a-z]+\s*=/i],
]) {
  if (pattern.test(page)) throw new Error(`index.html has an inline ${what}, which the server's policy forbids`);
}

if (release) {
  const names = (await readdir(folder, { recursive: true })).filter((name) => kinds.test(name)).sort();
  let total = 0;
  await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const bytes = await readFile(path);
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 22,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      };
      const br = await promisify(brotliCompress)(bytes, { params });
      const gz = await promisify(gzip)(bytes, { level: 9 });
      if (br.length < bytes.length) await writeFile(`${path}.br`, br);
      if (gz.length < bytes.length) await writeFile(`${path}.gz`, gz);
      // What a first visit transfers: the page and everything that it names.
      if (name === "index.html" || page.includes(`/${name}`)) total += Math.min(br.length, bytes.length);
    }),
  );
  console.log(`client: ${names.length} files compressed, a first visit transfers ${(total / 1000).toFixed(1)} kB (brotli)`);
}
