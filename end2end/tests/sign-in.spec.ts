// Coming in: what a wrong password says, where one lands, the keyboard alone, and a session that ends under way.
import { expect, test } from "../fixtures";
import { SignIn } from "../pages/sign-in";

const ADMIN = "admin";
const PASSWORD = "correct horse battery";

test("a wrong pair says so and keeps what was typed; the right one opens the inbox", async ({ page }) => {
  const entry = await new SignIn(page).open();
  await expect(page).toHaveTitle("Вход — Беседка");
  await entry.as(ADMIN, "not the password");
  await expect(entry.trouble).toHaveText("Неверный логин или пароль.");
  await expect(entry.login).toHaveValue(ADMIN);

  await entry.as(ADMIN, PASSWORD);
  await expect(page).toHaveURL("/");
  await expect(page.getByRole("navigation", { name: "Разделы" })).toBeVisible();
});

test("empty fields are named, and the first one gets the focus", async ({ page }) => {
  const entry = await new SignIn(page).open();
  await entry.enter.click();
  await expect(page.getByText("Заполните это поле")).toHaveCount(2);
  await expect(entry.login).toBeFocused();
  await expect(entry.login).toHaveAttribute("aria-invalid", "true");
});

test("the keyboard alone is enough, and one lands where one was going", async ({ page }) => {
  const entry = await new SignIn(page).open("/settings/profile");
  await expect(entry.login).toBeFocused();
  await page.keyboard.type(ADMIN);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(entry.password, "the eye shows the password").toHaveAttribute("type", "text");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/settings/profile");
});

test("an address of another site is not followed after sign-in", async ({ page }) => {
  const entry = await new SignIn(page).open("/sign-in?next=//example.org/");
  await entry.as(ADMIN, PASSWORD);
  await expect(page).toHaveURL("/");
});

test("a session that ends under way asks for the password and keeps what was typed", async ({ page, expectedErrors }) => {
  expectedErrors.push("401 (Unauthorized)");
  const entry = await new SignIn(page).open("/settings/profile");
  await entry.as(ADMIN, PASSWORD);
  const name = page.getByLabel("Имя и фамилия");
  await name.fill("Набрано и не сохранено");
  await page.context().clearCookies();
  // Whatever asks the server next finds out; it may be something in the background, so the dialog may be there already.
  await page.getByRole("button", { name: "Сохранить" }).first().dispatchEvent("click");
  await expect(entry.expired).toBeVisible();
  await entry.expired.getByLabel(/Пароль для/).fill(PASSWORD);
  await entry.expired.getByRole("button", { name: "Продолжить" }).click();
  await expect(entry.expired).toBeHidden();
  await expect(name).toHaveValue("Набрано и не сохранено");
  await page.getByRole("button", { name: "Сохранить" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Набрано и не сохранено");
});

test("signing out leads back to the door", async ({ page }) => {
  const entry = await new SignIn(page).open();
  await entry.as(ADMIN, PASSWORD);
  await page.getByRole("button", { name: /Открыть меню/ }).click();
  await page.getByRole("menuitem", { name: "Выйти" }).click();
  await expect(entry.enter).toBeVisible();
  await page.goto("/settings/users");
  await expect(entry.enter).toBeVisible();
});

test("theme and language change at the door, before anybody has signed in", async ({ page }) => {
  const entry = await new SignIn(page).open();
  await page.getByRole("button", { name: "Тёмная тема" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(entry.enter).toHaveCount(0);
});

test("a telephone's screen holds the door without scrolling sideways", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const entry = await new SignIn(page).open();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await entry.as(ADMIN, PASSWORD);
  await expect(page).toHaveURL("/");
});
