// The map of keys and the switch for single characters (WCAG 2.1.4).
import { expect, test } from "../fixtures";
import { Inbox, signIn } from "../pages/inbox";
import { Profile } from "../pages/profile";
import { World } from "../pages/world";

const OLGA = { chat: "79990000002", sender_name: "Ольга Пример" };
const IVAN = { chat: "79990000004", sender_name: "Иван Примеров" };

test("? shows every key, on every page, and Esc puts it away", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Добрый день" });
  const inbox = await new Inbox(page).open();
  await expect(inbox.row("Ольга Пример")).toBeVisible();
  const map = page.getByRole("dialog", { name: "Клавиши" });
  await page.keyboard.press("Shift+?");
  await expect(map).toBeVisible();
  for (const key of ["Alt+↓", "J", "Alt+N", "/", "R", "C", "A", "E", "I", "F6", "Enter", "Shift+Enter", "Esc", "?"]) {
    await expect(map.locator("kbd").getByText(key, { exact: true }).first(), key).toBeVisible();
  }
  await page.keyboard.press("j");
  await expect(page, "a dialog has the keyboard to itself").not.toHaveURL(/chat/);
  await page.keyboard.press("Escape");
  await expect(map).toBeHidden();
  // In a text it is a character.
  await inbox.openChat("Ольга Пример");
  await inbox.text.focus();
  await page.keyboard.type("Когда?");
  await expect(inbox.text).toHaveValue("Когда?");
  await expect(map).toBeHidden();
  await page.goto("/settings/users");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Shift+?");
  await expect(map).toBeVisible();
});

test("single-character keys can be turned off, the others go on working", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Раз" });
  await world.writes({ ...IVAN, text: "Два" });
  await signIn(page.request, "admin", "correct horse battery");
  await new Profile(page).open();
  const letters = page.getByRole("switch", { name: /Клавиши из одного знака/ });
  await expect(letters).toBeChecked();
  await letters.uncheck();
  await page.getByRole("button", { name: "Клавиши", exact: true }).click();
  const map = page.getByRole("dialog", { name: "Клавиши" });
  await expect(map.getByText("Alt+↓", { exact: true })).toBeVisible();
  await expect(map.getByText("J", { exact: true })).toHaveCount(0);
  await expect(map.getByText("/", { exact: true })).toHaveCount(0);
  await page.keyboard.press("Escape");

  const inbox = await new Inbox(page).open();
  await expect(inbox.rows).toHaveCount(2);
  await page.keyboard.press("j");
  await page.keyboard.press("/");
  await page.keyboard.press("Shift+?");
  await expect(page).not.toHaveURL(/chat/);
  await expect(page.getByRole("searchbox")).not.toBeFocused();
  await expect(map).toBeHidden();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(page).toHaveURL(/chat/);
});
