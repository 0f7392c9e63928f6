// Search in messages: what is found stands under the list and opens at the message; inside one chat a bar goes from
// one find to the next.
import { expect, test } from "../fixtures";
import { Inbox } from "../pages/inbox";
import { World } from "../pages/world";

const OLGA = { chat: "79990000002", sender_name: "Ольга Пример" };
const IVAN = { chat: "79990000004", sender_name: "Иван Примеров" };

test("a word in any form is found and opens where it was said", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Привезите арматуру, три прутка" });
  await world.past("79990000005", "Давний Клиент", 60);
  await world.writes({ ...IVAN, text: "<b>Арматура</b> кончилась?" });
  const inbox = await new Inbox(page).open();
  await page.locator("#chat-search").fill("арматуры");
  const found = page.getByRole("region", { name: "Сообщения" });
  await expect(found.locator(".sr")).toHaveCount(2);
  await expect(found.locator("mark")).toHaveText(["Арматура", "арматуру"]);
  await expect(found.locator(".sr").first(), "text is text").toContainText("<b>Арматура</b>");
  await found.locator(".sr").filter({ hasText: "Ольга Пример" }).click();
  await expect(page).toHaveURL(/\/chat\/\d+\?text=.*&at=\d+/);
  await expect(inbox.message("Привезите арматуру")).toBeVisible();
  await expect(inbox.message("Привезите арматуру")).toHaveClass(/hit/);
  // A name finds chats as before, and the messages say that there are none.
  await page.locator("#chat-search").fill("Давний");
  await expect(inbox.row("Давний Клиент")).toBeVisible();
  await expect(found).toContainText("в сообщениях нет");
  await page.locator("#chat-search").fill("");
  await expect(found).toHaveCount(0);
});

test("inside a chat one goes from find to find", async ({ page, request, emulator }) => {
  test.setTimeout(60_000);
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Нужен кирпич", timestamp: Math.floor(Date.now() / 1000) - 90_000 });
  for (let n = 0; n < 80; n++) await world.writes({ ...OLGA, text: `Разговор ${n}`, timestamp: Math.floor(Date.now() / 1000) - 80_000 + n });
  await world.writes({ ...OLGA, text: "Кирпича не было" });
  await world.writes({ ...IVAN, text: "И мне кирпичей" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  await expect(inbox.unreadLine, "one begins at the first unread, far from the end").toBeVisible();
  await page.keyboard.press("Control+f");
  const field = page.getByRole("searchbox", { name: "Поиск в этом чате" });
  await expect(field).toBeFocused();
  await field.fill("кирпич");
  const stands = page.locator(".find-bar [role=status]");
  await expect(stands).toHaveText("1 из 2");
  await expect(inbox.message("Кирпича не было")).toHaveClass(/hit/);
  await field.press("Enter");
  await expect(stands).toHaveText("2 из 2");
  await expect(inbox.message("Нужен кирпич")).toBeInViewport();
  await field.press("Shift+Enter");
  await expect(stands).toHaveText("1 из 2");
  await expect(inbox.message("Кирпича не было")).toBeInViewport();
  await field.fill("верблюд");
  await expect(stands).toHaveText("Не найдено");
  await field.press("Escape");
  await expect(field).toBeHidden();
});
