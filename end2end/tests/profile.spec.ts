// The person's own page: language and theme, name, password, sessions, keys.
import { expect, test } from "../fixtures";
import { signIn } from "../pages/inbox";
import { Profile } from "../pages/profile";

const PASSWORD = "correct horse battery";

test.beforeEach(async ({ page }) => {
  await signIn(page.request, "admin", PASSWORD);
});

test("language and theme change at once and last", async ({ page }) => {
  const profile = await new Profile(page).open();
  await profile.choose("Тёмная");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await profile.choose("English");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("heading", { name: "This device" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Chats" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "This device" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.locator(".seg label", { hasText: "As the system" }).click();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme");
  await page.locator(".seg label", { hasText: "Русский" }).click();
  await expect(page.getByRole("heading", { name: "Это устройство" })).toBeVisible();
});

test("English has no Russian left in it", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("besedka.language", "en"));
  for (const path of ["/settings/profile", "/settings/users", "/settings/users/new", "/settings/accounts/new", "/log", "/"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
    const text = await page.locator("body").innerText();
    expect(text.replaceAll("Русский", ""), path).not.toMatch(/[а-яё]{2,}/i);
  }
});

test("name and password change", async ({ page, expectedErrors }) => {
  expectedErrors.push("401 (Unauthorized)");
  const profile = await new Profile(page).open();
  await profile.name.fill("Виктор Пронин");
  await page.getByRole("button", { name: "Сохранить" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Виктор Пронин");

  await page.getByLabel("Пароль сейчас").fill("not it");
  await page.getByLabel("Новый пароль").fill("another good one");
  await page.getByLabel("Ещё раз", { exact: true }).fill("another good one");
  await page.getByRole("button", { name: "Сменить пароль" }).click();
  await expect(page.getByLabel("Пароль сейчас")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Пароль сейчас").fill(PASSWORD);
  await page.getByRole("button", { name: "Сменить пароль" }).click();
  await expect(page.getByText("Пароль изменён")).toBeVisible();
  const answer = await page.request.post("/api/v1/session", { data: { login: "admin", password: "another good one" } });
  expect(answer.status()).toBe(200);
});

test("another session can be ended", async ({ page, request }) => {
  await signIn(request, "admin", PASSWORD);
  const profile = await new Profile(page).open();
  const rows = profile.sessions.locator("li");
  await expect(rows).toHaveCount(2);
  await expect(profile.sessions.getByText("этот", { exact: true })).toHaveCount(1);
  await profile.sessions.getByRole("button", { name: "Завершить" }).click();
  await expect(rows).toHaveCount(1);
  expect((await request.get("/api/v1/session")).status()).toBe(401);
});

test("a key is shown once, works, and is revoked", async ({ page, playwright, baseURL }) => {
  const profile = await new Profile(page).open();
  await profile.keys.getByLabel("Для чего ключ").fill("Выгрузка");
  await profile.keys.getByRole("button", { name: "Создать ключ" }).click();
  const key = await profile.keys.locator(".codebox span").first().innerText();
  const program = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  expect((await program.get("/api/v1/chats")).status()).toBe(200);
  await page.reload();
  await expect(profile.keys.locator(".codebox")).toHaveCount(0);
  await profile.keys.getByRole("button", { name: "Отозвать" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Отозвать" }).click();
  await expect(profile.keys.getByText("Ключей пока нет.")).toBeVisible();
  expect((await program.get("/api/v1/chats")).status()).toBe(401);
  await program.dispose();
});
