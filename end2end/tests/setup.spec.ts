// The first run in the browser, from nobody to a working inbox.
import { expect, test } from "../fixtures";
import { Accounts, atProvider } from "../pages/accounts";
import { Setup } from "../pages/setup";

test.use({ admin: null });

const NAME = "Виктор Пронин";
const PASSWORD = "верная лошадь скрепка";

test("administrator, sandbox, check, colleague, inbox", async ({ page }) => {
  const setup = new Setup(page);
  await page.goto("/settings/users");
  await expect(page, "whatever was asked for, the wizard comes first").toHaveURL("/setup");
  await setup.onStep("Администратор");
  await setup.administrator(NAME, "пронин", PASSWORD);

  await setup.onStep("Аккаунт");
  await page.getByRole("button", { name: "Подключить песочницу" }).click();

  await setup.onStep("Проверка");
  await expect(setup.check("Живая связь с сервером")).toContainText("без обновления страницы");
  await expect(setup.check("Первые чаты")).toContainText(/уже \d+ чат/, { timeout: 20_000 });
  await page.reload();
  await setup.onStep("Проверка");
  await setup.next.click();

  await setup.onStep("Сотрудники");
  await setup.name.fill("Анна Соколова");
  await setup.login.fill("соколова");
  await setup.password.fill("анна анна анна");
  await page.getByRole("button", { name: "Добавить" }).click();
  await expect(page.getByRole("row", { name: /Анна Соколова/ })).toContainText("Оператор");
  await setup.finish.click();

  await expect(page).toHaveURL("/");
  await expect(page.locator(".rows .row").first()).toBeVisible();
});

test("mistakes are shown under their fields", async ({ page }) => {
  const setup = new Setup(page);
  await page.goto("/");
  await setup.name.fill(NAME);
  await setup.login.fill("про:нин");
  await setup.password.fill("короткий");
  await setup.again.fill("другой");
  await setup.next.click();
  await expect(page.getByText("без двоеточия")).toBeVisible();
  await expect(page.getByText("Пароли не совпадают")).toBeVisible();
  await expect(setup.login).toBeFocused();
  await setup.onStep("Администратор");
});

test("a number of Green-API is connected and linked on the way", async ({ page, emulator }) => {
  await atProvider(emulator, "state", { state: "notAuthorized" });
  const setup = new Setup(page);
  const form = new Accounts(page);
  await page.goto("/setup");
  await setup.administrator(NAME, "пронин", PASSWORD);
  await page.getByText("Обычный номер с телефоном").click();
  await form.fillGreenApi("Опт", emulator);
  await form.connect.click();

  await setup.onStep("Проверка");
  await expect(form.qr).toBeVisible({ timeout: 15_000 });
  await atProvider(emulator, "scan");
  await expect(form.linked).toBeVisible({ timeout: 15_000 });
  await expect(setup.check("Работает")).toBeVisible();
});

test("later means later, and nobody can come in by the wizard again", async ({ page, browser, baseURL }) => {
  const setup = new Setup(page);
  await page.goto("/setup");
  await setup.administrator(NAME, "пронин", PASSWORD);
  await page.getByText("Сначала осмотреться").click();
  await setup.next.click();
  await setup.onStep("Сотрудники");

  const other = await browser.newContext({ baseURL });
  const stranger = await other.newPage();
  await stranger.goto("/setup");
  await expect(stranger).toHaveURL(/\/sign-in/);
  const answer = await stranger.request.post("/api/v1/setup", { data: { login: "x", name: "X", password: "x".repeat(12) } });
  expect(answer.status()).toBe(409);
  await other.close();
});

test("the wizard fits a telephone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const setup = new Setup(page);
  await page.goto("/");
  const fits = async () => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await setup.onStep("Администратор");
  await fits();
  await setup.administrator(NAME, "пронин", PASSWORD);
  await setup.onStep("Аккаунт");
  await fits();
});
