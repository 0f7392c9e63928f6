// Keeps the program itself at hand, so that it opens at once and without a network. It knows three things only:
// the page, asked of the network first, and files with a hash in their name, which never change.
// Icons have no hash: the network's come first, the last ones seen stand in without it.
// Everything else, the API and people's files above all, passes by untouched and is never kept.
const SHELL = "besedka-shell";
const PAGE = "/";
const NAME = "[\\w.-]+-[0-9a-f]{16}\\.(?:js|css|wasm)";
const ICONS = /^\/(icons|favicon)\.svg$/;
const HASHED = new RegExp(`^/${NAME}$`);
// Pages that the server answers itself; a page of the client never begins so.
const NOT_PAGES = /^\/(api|hs|files|healthz|readyz|metrics)(\/|$)/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && !NOT_PAGES.test(url.pathname)) event.respondWith(page(event));
  else if (HASHED.test(url.pathname)) event.respondWith(asset(request));
  else if (ICONS.test(url.pathname)) event.respondWith(icons(event));
});

async function icons(event) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(event.request);
    if (answer.ok) event.waitUntil(cache.put(new URL(event.request.url).pathname, answer.clone()));
    return answer;
  } catch (cause) {
    const kept = await cache.match(new URL(event.request.url).pathname);
    if (kept) return kept;
    throw cause;
  }
}

async function page(event) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(event.request);
    const html = answer.ok && !answer.redirected && answer.headers.get("content-type")?.startsWith("text/html");
    if (html) event.waitUntil(keep(cache, answer.clone()));
    return answer;
  } catch (cause) {
    const kept = await cache.match(PAGE);
    if (kept) return kept;
    throw cause;
  }
}

/** Hashed files that a text names. */
const namesIn = (text) => new Set([...text.matchAll(new RegExp(`[/"'](${NAME})`, "g"))].map(([, name]) => `/${name}`));

/** Stores the page with all that it names, and drops what belonged to the version before. */
async function keep(cache, answer) {
  const named = namesIn(await answer.clone().text());
  await cache.put(PAGE, answer);
  for (const name of named) {
    if (!(await cache.match(name))) await cache.add(name);
  }
  // Parts that come later are named by a script of the page; those that have come stay as long as their version.
  const parts = new Set();
  for (const name of named) {
    if (name.endsWith(".js")) for (const part of namesIn(await (await cache.match(name)).text())) parts.add(part);
  }
  for (const old of await cache.keys()) {
    const { pathname } = new URL(old.url);
    if (pathname !== PAGE && !ICONS.test(pathname) && !named.has(pathname) && !parts.has(pathname)) await cache.delete(old);
  }
}

async function asset(request) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
}
