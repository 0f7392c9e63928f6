// Settings → users: adding, changing, disabling, and what those people then see.
import { expect, test } from "../fixtures";
import { signIn } from "../pages/inbox";
import { SignIn } from "../pages/sign-in";
import { Users } from "../pages/users";

test.beforeEach(async ({ page }) => {
  await signIn(page.request, "admin", "correct horse battery");
});

test("a colleague is added, comes in, and is disabled", async ({ page, browser, baseURL }) => {
  const users = await new Users(page).open();
  await users.add.click();
  await users.name.fill("Анна Соколова");
  await users.login.fill("соколова");
  await users.password.fill("пароль Анны");
  await users.save.click();
  await expect(users.row("Анна Соколова")).toContainText("Оператор");
  await expect(page).toHaveURL(/\/settings\/users\/\d+$/);

  const other = await browser.newContext({ baseURL, locale: "ru-RU" });
  const hers = await other.newPage();
  const entry = await new SignIn(hers).open("/settings");
  await entry.as("СОКОЛОВА", "пароль Анны");
  await expect(hers.getByRole("heading", { level: 1 })).toHaveText("Анна Соколова");
  await expect(hers.getByRole("link", { name: "Аккаунты" }), "an operator has no such page").toHaveCount(0);
  await hers.goto("/settings/users");
  await expect(hers.getByText("Такой страницы нет")).toBeVisible();

  await users.role.selectOption({ label: "Руководитель" });
  await users.save.click();
  await expect(users.row("Анна Соколова")).toContainText("Руководитель");

  await users.card.getByRole("button", { name: "Отключить" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Отключить" }).click();
  await expect(users.row("Анна Соколова")).toContainText("отключён");
  await hers.goto("/");
  await expect(entry.enter).toBeVisible();
  await entry.as("соколова", "пароль Анны");
  await expect(entry.trouble).toHaveText("Неверный логин или пароль.");
  await other.close();
});

test("a login that is taken and a short password are named under their fields", async ({ page, expectedErrors }) => {
  expectedErrors.push("409 (Conflict)");
  const users = await new Users(page).open();
  await users.add.click();
  await users.name.fill("Второй");
  await users.login.fill("ADMIN");
  await users.password.fill("корот");
  await users.save.click();
  await expect(users.error(users.password)).toHaveText("Не меньше 8 знаков");
  await expect(users.password).toBeFocused();
  await users.password.fill("достаточно длинный");
  await users.save.click();
  await expect(users.error(users.login)).toContainText("Такой логин уже есть");
  await expect(users.login).toBeFocused();
});

test("the last administrator stays", async ({ page, expectedErrors }) => {
  expectedErrors.push("409 (Conflict)");
  const users = await new Users(page).open();
  await users.rows.first().getByRole("link").click();
  await users.role.selectOption({ label: "Оператор" });
  await users.save.click();
  await expect(users.card.getByRole("alert")).toContainText("Это последний администратор");
});

test("a password can be made up", async ({ page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const users = await new Users(page).open();
  await users.add.click();
  await users.card.getByRole("button", { name: "Придумать" }).click();
  const made = await users.password.inputValue();
  expect(made).toMatch(/^[a-zA-Z2-9]{14}$/);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(made);
});
