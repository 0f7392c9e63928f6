// The page that carries the client: what it may load, how long it is kept, and that it opens without a network.
import { expect, test } from "../fixtures";
import { SignIn } from "../pages/sign-in";

const HASHED = /-[0-9a-f]{16}\.(js|css|wasm)$/;

test("the client starts, and everything hashed comes compressed and is kept for a year", async ({ page, baseURL }) => {
  const answers = new Map<string, { encoding?: string; cache?: string }>();
  page.on("response", async (answer) => {
    const headers = await answer.allHeaders();
    answers.set(new URL(answer.url()).pathname, { encoding: headers["content-encoding"], cache: headers["cache-control"] });
  });
  await page.goto("/");
  await expect(page.locator("#boot")).toHaveCount(0);

  const hashed = [...answers].filter(([path]) => HASHED.test(path));
  expect(hashed.map(([path]) => path.split(".").pop())).toEqual(expect.arrayContaining(["js", "css", "wasm"]));
  for (const [path, { encoding, cache }] of hashed) {
    expect(cache, path).toContain("immutable");
    if (path.endsWith(".wasm")) expect(encoding, path).toMatch(/br|gzip/);
  }
  expect(answers.get("/")?.cache ?? "").not.toContain("immutable");
  expect(baseURL).toContain("127.0.0.1");
});

test("the policy allows no inline script and no foreign origin", async ({ page }) => {
  const answer = await page.goto("/");
  const policy = answer?.headers()["content-security-policy"] ?? "";
  const scripts = policy.match(/script-src ([^;]*)/)?.[1] ?? "";
  expect(scripts).toContain("'self'");
  expect(scripts).not.toMatch(/'unsafe-inline'|'unsafe-eval'|https?:|\*/);
  expect(answer?.headers()["x-content-type-options"]).toBe("nosniff");
});

test("the chosen theme is there before the first paint", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("besedka.theme", "dark"));
  // Without the client: only the page's own classic script may have set it.
  await page.route(/\.wasm$/, () => {});
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("#boot")).toBeVisible();
});

test("a client that does not load says so in words", async ({ page, expectedErrors }) => {
  expectedErrors.push("Failed to load resource", "TypeError", "net::ERR_FAILED");
  await page.route(/\.wasm$/, (route) => route.abort());
  await page.goto("/");
  await expect(page.getByRole("alert")).toContainText("обновите страницу");
});

test("a part that does not come says so, and comes when asked again", async ({ page, expectedErrors, admin }) => {
  expectedErrors.push("Failed to load resource", "TypeError", "net::ERR_FAILED");
  await new SignIn(page).open().then((door) => door.as(admin?.login ?? "", admin?.password ?? ""));
  await page.route(/\/settings-[^/]*\.wasm$/, (route) => route.abort());
  await page.getByRole("link", { name: "Настройки" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("Эта часть Беседки не загрузилась");
  await page.unroute(/\/settings-[^/]*\.wasm$/);
  await alert.getByRole("button", { name: "Повторить" }).click();
  await expect(page.getByRole("navigation", { name: "Настройки" })).toBeVisible();
});

test("a client that has been replaced meanwhile asks to reload the page, and that helps", async ({ page, expectedErrors, admin }) => {
  expectedErrors.push("Failed to load resource", "TypeError", "CompileError");
  await new SignIn(page).open().then((door) => door.as(admin?.login ?? "", admin?.password ?? ""));
  // As after an update of the server: the old parts are gone, and the page names other files.
  await page.route(/\/settings-[^/]*\.wasm$/, (route) => route.fulfill({ status: 404 }));
  await page.route("/", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>new</title>" }));
  await page.getByRole("link", { name: "Настройки" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("Беседка обновилась");
  await page.unrouteAll();
  await alert.getByRole("button").click();
  await expect(page.getByRole("navigation", { name: "Настройки" })).toBeVisible();
});

test("manifest, icons and sound are served as what they are", async ({ page, request }) => {
  await page.goto("/");
  const manifest = await request.get((await page.locator('link[rel="manifest"]').getAttribute("href")) ?? "");
  const { icons } = (await manifest.json()) as { icons: { src: string; type: string }[] };
  for (const { src, type } of [...icons, { src: "/sounds/message.wav", type: "audio/" }]) {
    const answer = await request.get(src);
    expect(answer.status(), src).toBe(200);
    expect(answer.headers()["content-type"], src).toContain(type);
  }
});

test.describe("with the service worker", () => {
  test.use({ serviceWorkers: "allow", expectedErrors: ["ERR_CONNECTION_REFUSED", "ERR_INTERNET_DISCONNECTED", "WebSocket"] });

  test("the client opens while the server is away, and keeps nothing of the API", async ({ page, besedka }) => {
    await page.goto("/");
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload(); // the first page of all came before its worker
    const kept = () =>
      page.evaluate(async () => (await (await caches.open("besedka-shell")).keys()).map(({ url }) => new URL(url).pathname));
    await expect.poll(kept).toEqual(expect.arrayContaining(["/", expect.stringMatching(/\.wasm$/)]));
    expect((await kept()).filter((path) => path.startsWith("/api"))).toEqual([]);

    await besedka.stop();
    await page.goto("/");
    await expect(page.locator("#boot")).toHaveCount(0);
  });
});
