// Builds the browser client into dist/; scripts/web.sh calls it with the tools in PATH.
//
//   cargo → app.wasm → wasm-split → the first file and the parts that come later → wasm-bindgen → wasm-opt → dist/
//
// Every function marked `#[wasm_split(name, …)]` begins a part of its own: what only it needs leaves the first file.
// All files but those of public/ get a hash of their bytes in their names, so that they can be kept for ever.
// --dev leaves out what takes long: optimising and compressing.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { shorten } from "./wasm-names.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const dev = process.argv.includes("--dev");
const target = process.env.CARGO_TARGET_DIR ?? "target";
const work = join(target, "web", dev ? "dev" : "release");
const [cut, bound, made] = ["cut", "bound", "made"].map((name) => join(work, name));

const program = promisify(execFile);
const run = async (name, ...words) => (await program(name, words, { maxBuffer: 1 << 26 })).stdout;
const text = (path) => readFile(path, "utf8");

// --- The programme ----------------------------------------------------------------------------------------------
await rm(work, { recursive: true, force: true });
for (const folder of [cut, bound, made]) await mkdir(folder, { recursive: true });

const profile = dev ? "dev" : "wasm";
const words = ["build", "--locked", "-p", "app", "--target", "wasm32-unknown-unknown", "--profile", profile];
await new Promise((resolve, reject) => {
  const cargo = execFile("cargo", words, (cause) => (cause ? reject(new Error("the client does not compile")) : resolve()));
  cargo.stderr.pipe(process.stderr);
});
const compiled = join(target, "wasm32-unknown-unknown", dev ? "debug" : profile, "app.wasm");
await run("wasm-split-cli", compiled, cut, "--out-name", "app", "--target", "web");
await run("wasm-bindgen", "--target", "web", "--keep-lld-exports", "--no-demangle", "--no-typescript",
  "--out-name", "app", "--out-dir", bound, join(cut, "app.wasm"));
const parts = (await readdir(cut)).filter((name) => name.endsWith(".wasm") && name !== "app.wasm").sort();
const files = new Map([["app_bg.wasm", join(bound, "app_bg.wasm")], ...parts.map((name) => [name, join(cut, name)])]);

const calls = new Map();
if (!dev) {
  // wasm-opt may use exactly the features that today's rustc emits for wasm32-unknown-unknown.
  const may = ["bulk-memory", "bulk-memory-opt", "call-indirect-overlong", "multivalue", "mutable-globals",
    "nontrapping-float-to-int", "reference-types", "sign-ext"].map((feature) => `--enable-${feature}`);
  await Promise.all([...files.values()].map((path) =>
    run("wasm-opt", "-Oz", ...may, "--strip-debug", "--strip-producers", path, "-o", path)));
  const { wasm, names } = shorten(await readFile(files.get("app_bg.wasm")));
  await writeFile(files.get("app_bg.wasm"), wasm);
  for (const [long, short] of names) calls.set(long, short);
}

// --- Names with hashes ------------------------------------------------------------------------------------------
const hash = (bytes, kind, form) => createHash(kind).update(bytes).digest(form);
const integrity = (bytes) => `sha384-${hash(bytes, "sha384", "base64")}`;

/** Puts a file into the build under a name with its hash; gives the name and what proves its bytes. */
async function put(name, bytes) {
  const [stem, end] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf("."))];
  const hashed = `${stem}-${hash(bytes, "sha256", "hex").slice(0, 16)}${end}`;
  await writeFile(join(made, hashed), bytes);
  return { name: hashed, integrity: integrity(bytes) };
}

await cp("public", made, { recursive: true });
const named = new Map();
for (const [name, path] of files) {
  const short = name.replace(/^app_bg/, "app").replace(/^split_/, "").replace(/^chunk_/, "shared_");
  named.set(name, await put(short, await readFile(path)));
}

// One script: wasm-bindgen's, and behind it the one that fetches the parts, which would otherwise import each other.
const fetcher = (await text(join(cut, "__wasm_split.js"))).replace(/^import .*\n/m, "").replaceAll("export const", "const");
const loaders = [...fetcher.matchAll(/^const (__wasm_split_load_\w+)/gm)].map((found) => found[1]);
let script = await text(join(bound, "app.js"));
const imported = /^import \* as (import\d+) from "\.\/__wasm_split\.js";?\n/gm;
const names = [...script.matchAll(imported)].map((found) => found[1]);
if (loaders.length && !names.length) throw new Error("wasm-bindgen's script does not import the fetcher of the parts");
script = `${script.replace(imported, "")}\n${fetcher}\n${names.map((name) => `const ${name} = { ${loaders.join(", ")} };\n`).join("")}`;
for (const [name, file] of named) script = script.replaceAll(name, file.name);
let renamed = 0;
script = script.replace(/^( +)(__wb\w+)(: function)/gm, (line, gap, long, rest) => {
  const short = calls.get(long);
  if (short === undefined) return line;
  renamed += 1;
  return `${gap}"${short}"${rest}`;
});
if (renamed !== calls.size) throw new Error(`${calls.size} calls of the browser, ${renamed} of them in wasm-bindgen's script`);
if (!dev) script = script.replace(/^ *\/\*\*[^]*?\*\/\n/gm, "");
const main = await put("app.js", script);

// --- The page ---------------------------------------------------------------------------------------------------
let page = await text("app/index.html");
/** Puts in a file that the page names by its place in the sources. */
const own = async (tag, attribute) => {
  const place = tag.match(new RegExp(` ${attribute}="([^"]+)"`))[1];
  const file = await put(basename(place), await readFile(join("app", place)));
  page = page.replace(tag, tag.replace(`"${place}"`, `"/${file.name}" integrity="${file.integrity}"`));
};
for (const [tag] of page.matchAll(/<script [^>]*src="boot\/[^>]*>/g)) await own(tag, "src");
// The sheets follow each other in one file, in the page's order.
const sheets = [...page.matchAll(/ *<link rel="stylesheet" href="([^"]+)">\n/g)];
const styles = await Promise.all(sheets.map(([, place]) => text(join("app", place))));
const style = await put("app.css", styles.join("").replace(/\/\*[^]*?\*\//g, ""));
sheets.forEach(([line], n) => {
  page = page.replace(line, n ? "" : `  <link rel="stylesheet" href="/${style.name}" integrity="${style.integrity}">\n`);
});
// boot.js starts the client from these two, so no script stands inline.
const first = named.get("app_bg.wasm");
page = page.replace("</head>", `  <link rel="modulepreload" href="/${main.name}" crossorigin="anonymous" integrity="${main.integrity}">
  <link rel="preload" href="/${first.name}" crossorigin="anonymous" integrity="${first.integrity}" as="fetch" type="application/wasm">
</head>`);
for (const [what, pattern] of [
  ["script", /<script(?![^>]*\bsrc=)/i],
  ["style", /<style|\sstyle\s*=/i],
  ["event handler", /<[^>]+\son[a-z]+\s*=/i],
]) {
  if (pattern.test(page)) throw new Error(`index.html has an inline ${what}, which the server's policy forbids`);
}
await writeFile(join(made, "index.html"), page);

// --- NAME.br and NAME.gz beside every file that becomes smaller by it, so that the server only hands out ready bytes
if (!dev) {
  const kinds = /\.(html|js|css|wasm|svg|json|webmanifest|txt)$/;
  const sizes = new Map();
  await Promise.all((await readdir(made, { recursive: true })).filter((name) => kinds.test(name)).map(async (name) => {
    const bytes = await readFile(join(made, name));
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    const br = await promisify(brotliCompress)(bytes, { params });
    const gz = await promisify(gzip)(bytes, { level: 9 });
    if (br.length < bytes.length) await writeFile(join(made, `${name}.br`), br);
    if (gz.length < bytes.length) await writeFile(join(made, `${name}.gz`), gz);
    sizes.set(name, Math.min(br.length, bytes.length));
  }));
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const visit = [...sizes].filter(([name]) => name === "index.html" || page.includes(`/${name}`));
  console.log(`client: a first visit transfers ${kb(visit.reduce((sum, [, size]) => sum + size, 0))} (brotli)`);
  for (const name of parts) console.log(`  later ${named.get(name).name}: ${kb(sizes.get(named.get(name).name))}`);
}

// --- In one go, so that nobody finds half a build -----------------------------------------------------------------
for (const left of ["dist.new", "dist.old"]) await rm(left, { recursive: true, force: true });
const staging = process.env.TRUNK_STAGING_DIR; // Trunk does the swap itself
await cp(made, staging ?? "dist.new", { recursive: true }); // the target folder may be on another disk
if (!staging) {
  await rename("dist", "dist.old").catch(() => {});
  await rename("dist.new", "dist");
  await rm("dist.old", { recursive: true, force: true });
}
