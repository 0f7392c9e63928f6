// Settings → accounts against an emulated Green-API: connecting, linking a phone, checking, switching off, deleting.
import { expect, test } from "../fixtures";
import { Accounts, atProvider } from "../pages/accounts";
import { signIn } from "../pages/inbox";

test.beforeEach(async ({ page }) => {
  await signIn(page.request, "admin", "correct horse battery");
});

test("a number is added, linked by QR, renamed, switched off and on, and deleted", async ({ page, emulator }) => {
  await atProvider(emulator, "state", { state: "notAuthorized" });
  const accounts = await new Accounts(page).open();
  await accounts.add.click();
  await accounts.fillGreenApi("Опт", emulator);
  await accounts.connect.click();
  await expect(page).toHaveURL(/\/settings\/accounts\/\d+$/);

  await expect(accounts.state).toHaveText("Ждёт сканирования", { timeout: 15_000 });
  await expect(accounts.qr).toBeVisible({ timeout: 15_000 });
  await page.setViewportSize({ width: 1360, height: 800 });
  const access = page.locator("section.box", { has: accounts.token });
  const tops = await Promise.all([accounts.qr, access].map(async (part) => (await part.boundingBox())?.y ?? 0));
  expect(tops[0], "what one came for is not below everything else").toBeLessThan(tops[1] ?? 0);
  await page.setViewportSize({ width: 1280, height: 720 });
  await expect(page.getByText(/Обновится сам через \d+\s+с/)).toBeVisible();
  await expect(page.getByText("«Связанные устройства»")).toHaveCount(2);
  await atProvider(emulator, "scan");
  await expect(accounts.linked).toBeVisible({ timeout: 15_000 });
  await expect(accounts.state).toHaveText("Работает");
  await expect(accounts.row("Опт")).toContainText("Работает");
  await expect(accounts.token, "a secret does not come back").toHaveValue(/^•+$/);

  await accounts.name.fill("Опт и розница");
  await page.getByRole("switch", { name: /писать первыми/ }).check();
  await accounts.save.click();
  await expect(accounts.row("Опт и розница")).toBeVisible();
  await page.reload();
  await expect(accounts.name).toHaveValue("Опт и розница");
  await expect(page.getByRole("switch", { name: /писать первыми/ })).toBeChecked();

  await accounts.more("Отключить");
  await expect(accounts.state).toHaveText("Отключён");
  await accounts.more("Включить");
  await expect(accounts.state).toHaveText("Работает", { timeout: 15_000 });

  await accounts.more("Удалить аккаунт");
  await accounts.confirm("Отменить");
  await expect(accounts.row("Опт и розница")).toBeVisible();
  await accounts.more("Удалить аккаунт");
  await accounts.confirm("Удалить аккаунт");
  await expect(accounts.row("Опт и розница")).toHaveCount(0);
});

test("a phone is linked by its number, and unlinked", async ({ page, emulator }) => {
  await atProvider(emulator, "state", { state: "notAuthorized" });
  const accounts = await new Accounts(page).open("/settings/accounts/new");
  await accounts.fillGreenApi("Опт", emulator);
  await accounts.connect.click();
  await page.locator(".seg label", { hasText: "По номеру" }).click();
  await page.getByLabel("Номер телефона").fill("не номер");
  await page.getByRole("button", { name: "Получить код" }).click();
  await expect(page.getByText("не похоже на номер телефона")).toBeVisible();
  await page.getByLabel("Номер телефона").fill("8 999 000-00-01");
  await page.keyboard.press("Enter");
  await expect(page.locator(".pairing .code")).toHaveText(/^[0-9A-Z-]{8,9}$/);
  await atProvider(emulator, "scan");
  await expect(accounts.linked).toBeVisible({ timeout: 20_000 });

  await page.getByRole("button", { name: "Отвязать телефон" }).click();
  await accounts.confirm("Отвязать телефон");
  await expect(accounts.state).toHaveText("Ждёт сканирования", { timeout: 15_000 });
  await expect(page.getByRole("button", { name: "Получить код" })).toBeVisible();
});

test("what was not filled in is named under its field", async ({ page }) => {
  const accounts = await new Accounts(page).open("/settings/accounts/new");
  await accounts.connect.click();
  await expect(accounts.error(accounts.name)).toHaveText("Заполните это поле");
  await expect(accounts.name).toBeFocused();
  await accounts.name.fill("Опт");
  await accounts.id.fill("семь");
  await accounts.token.fill("token");
  await accounts.api.fill("api.green-api.com");
  await accounts.connect.click();
  await expect(accounts.error(accounts.id)).toHaveText("Здесь только цифры");
  await expect(accounts.error(accounts.api)).toContainText("https://");
});

test("a wrong key is said in words, and replacing it mends the account", async ({ page, emulator }) => {
  const accounts = await new Accounts(page).open("/settings/accounts/new");
  await accounts.fillGreenApi("Опт", emulator, "0".repeat(28));
  await accounts.connect.click();
  await expect(accounts.state).toHaveText("Ключ не подходит", { timeout: 15_000 });
  await expect(page.getByText("Скопируйте apiTokenInstance")).toBeVisible();

  await page.getByRole("button", { name: "Заменить токен" }).click();
  await accounts.token.fill("emulated0token0emulated0token");
  await accounts.save.click();
  await expect(accounts.state).toHaveText("Работает", { timeout: 15_000 });
});

test("the check goes hop by hop, and the log shows each of them", async ({ page, emulator }) => {
  const accounts = await new Accounts(page).open("/settings/accounts/new");
  await accounts.fillGreenApi("Опт", emulator);
  await accounts.connect.click();
  await expect(accounts.state).toHaveText("Работает", { timeout: 15_000 });
  await accounts.check();
  await expect(accounts.steps.first()).toContainText("доступ есть");
  await accounts.more("Журнал обмена");
  await expect(page).toHaveURL(/\/log\?account=\d+/);
  const line = page.locator(".log-table tbody tr", { hasText: "getStateInstance" }).first();
  await expect(line).toContainText("200");
  await line.getByRole("button", { name: "Подробности" }).click();
  await expect(page.locator(".log-table .json").nth(1)).toContainText("authorized");
  await expect(page.locator(".log-table"), "no secret is shown").not.toContainText("emulated0token");
});

test.describe("with a public address", () => {
  test.use({ words: ["--public-url", "http://127.0.0.1:9"] });

  test("address and header can be copied, and Besedka sets them herself", async ({ page, emulator }) => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const accounts = await new Accounts(page).open("/settings/accounts/new");
    await accounts.fillGreenApi("Опт", emulator);
    await accounts.connect.click();
    await page.getByRole("button", { name: "Скопировать: Адрес для Green-API" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^http:\/\/127\.0\.0\.1:9\/hs\/whatsapp\/webhook\/\d+$/);
    await page.getByRole("button", { name: "Пусть настроит Беседка" }).click();
    await expect(page.getByText("Адрес передан поставщику")).toBeVisible();
    const settings = await (await fetch(`${emulator.url}/_control/green-api/7103000001`)).json();
    expect(JSON.stringify(settings)).toContain("/hs/whatsapp/webhook/");
  });
});

test("on a telephone list, form and actions each have their screen", async ({ page, emulator }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const fits = async () => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.goto("/settings");
  await page.getByRole("link", { name: "Аккаунты" }).click();
  const accounts = new Accounts(page);
  await expect(page.getByText("Аккаунтов пока нет")).toBeVisible();
  await fits();
  await accounts.add.click();
  await accounts.fillGreenApi("Опт", emulator);
  await accounts.connect.click();
  await expect(accounts.state).toHaveText("Работает", { timeout: 15_000 });
  await fits();
  await expect(accounts.list).toBeHidden();
  await accounts.name.fill("Розница");
  await accounts.save.click();
  await page.getByRole("link", { name: "К списку" }).click();
  await expect(accounts.row("Розница")).toBeVisible();
  await page.getByRole("link", { name: "К настройкам" }).click();
  await expect(page.getByRole("link", { name: "Профиль" })).toBeVisible();
});
