// Where one stands: endless scroll without jumps, the unread line, drafts, a broken connection, keyboard, phone.
import { expect, test } from "../fixtures";
import { Inbox } from "../pages/inbox";
import { World } from "../pages/world";

const OLGA = { chat: "79990000002", sender_name: "Ольга Пример" };
const IVAN = { chat: "79990000004", sender_name: "Иван Примеров" };

test("a chat of thousands scrolls without end and never jumps", async ({ page, request, emulator }) => {
  test.setTimeout(90_000);
  const world = await World.connect(request, emulator);
  await world.past("79990000005", "Давний Клиент", 2000);
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Давний Клиент");
  await expect(inbox.unreadLine, "one begins where one has not read").toBeVisible();
  await expect(inbox.message("сообщение 0.")).toBeVisible();

  // From the first to the last, then up again.
  await inbox.toEnd.click();
  await expect(inbox.message("сообщение 1999.")).toBeVisible();
  await expect(inbox.toEnd).toBeHidden();
  for (let n = 0; n < 25; n++) {
    const before = await inbox.onScreen();
    await inbox.wheel(-600);
    await expect.poll(async () => (await inbox.onScreen())[0]?.text).not.toBe(before[0]?.text);
    await page.waitForTimeout(120); // a page that comes in late would be seen as a jump
    const after = await inbox.onScreen();
    const stays = before.filter(({ text }) => after.some((message) => message.text === text));
    for (const { text, top } of stays) {
      const now = after.find((message) => message.text === text)?.top ?? 0;
      expect(Math.abs(now - top - 600), `${text} moved as the wheel did`).toBeLessThan(3);
    }
  }
  expect(await inbox.messages.count(), "nodes stay bounded").toBeLessThanOrEqual(250);

  // New messages wait below and say how many they are.
  await world.writes({ chat: "79990000005", text: "А вот и я" });
  await expect(inbox.toEnd.locator(".count")).toHaveText("1");
  const stood = (await inbox.onScreen())[0]?.text;
  expect((await inbox.onScreen())[0]?.text).toBe(stood);
  await inbox.toEnd.click();
  await expect(inbox.message("А вот и я")).toBeVisible();
  await expect(inbox.toEnd).toBeHidden();
});

test("the unread line and the counters say what is new, until it has been seen", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Первое" });
  await world.writes({ ...IVAN, text: "Здравствуйте" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  await expect(page.locator(".rail .count")).toHaveText("1");
  await inbox.openChat("Иван Примеров");
  await expect(page.locator(".rail .count")).toHaveCount(0);
  await expect(page).toHaveTitle("Иван Примеров — Беседка");

  await world.writes({ ...OLGA, text: "Второе" });
  await world.writes({ ...OLGA, text: "Третье" });
  await expect(inbox.row("Ольга Пример").locator(".count")).toHaveText("2");
  await expect(page.getByRole("link", { name: /Непрочитанные/ })).toContainText("1");
  await inbox.openChat("Ольга Пример");
  await expect(inbox.unreadLine).toHaveText("Новые сообщения: 2");
  await expect(inbox.row("Ольга Пример").locator(".count")).toHaveCount(0);
  await expect(page.locator(".rail .count")).toHaveCount(0);
  await inbox.openChat("Иван Примеров");
  await inbox.openChat("Ольга Пример");
  await expect(inbox.unreadLine).toHaveCount(0);
});

test("filters and search are in the address", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Раз" });
  await world.writes({ ...IVAN, text: "Два" });
  const inbox = await new Inbox(page).open();
  await page.getByRole("searchbox").fill("ольга");
  await expect(inbox.rows).toHaveCount(1);
  await expect(page).toHaveURL(/text=/);
  await page.reload();
  await expect(inbox.rows).toHaveCount(1);
  await page.getByRole("searchbox").fill("нет такого");
  await expect(page.getByText("«нет такого» в сообщениях нет")).toBeVisible();
  await page.getByRole("searchbox").fill("");
  await expect(inbox.rows).toHaveCount(2);
  await page.getByRole("link", { name: "Закрытые" }).click();
  await expect(page).toHaveURL(/view=closed/);
  await expect(page.getByText("Здесь пусто")).toBeVisible();
  await page.goBack();
  await expect(inbox.rows).toHaveCount(2);
});

test("a draft stays with its chat, through switching and reloading", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Раз" });
  await world.writes({ ...IVAN, text: "Два" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  await inbox.text.fill("Ольга, ваш заказ");
  await inbox.openChat("Иван Примеров");
  await expect(inbox.text).toHaveValue("");
  await expect(inbox.row("Ольга Пример")).toContainText("Черновик: Ольга, ваш заказ");
  await inbox.text.fill("Иван, здравствуйте");
  await page.reload();
  await expect(inbox.text).toHaveValue("Иван, здравствуйте");
  await inbox.openChat("Ольга Пример");
  await expect(inbox.text).toHaveValue("Ольга, ваш заказ");
  await inbox.text.press("Enter");
  await expect(inbox.message("Ольга, ваш заказ")).toBeVisible();
  await expect(inbox.text).toHaveValue("");
  const kept = async () => ((await (await page.request.get("/api/v1/drafts")).json()).items as { text: string }[]).map(({ text }) => text);
  await expect.poll(kept, { message: "the server keeps the other one" }).toEqual(["Иван, здравствуйте"]);
});

test.describe("without connection", () => {
  test.use({ expectedErrors: ["WebSocket", "ERR_CONNECTION_REFUSED", "Failed to load resource"] });

  test("one writes on, and everything catches up without a reload", async ({ page, request, emulator, besedka }) => {
    test.setTimeout(60_000);
    const world = await World.connect(request, emulator);
    await world.writes({ ...OLGA, text: "До обрыва" });
    const inbox = await new Inbox(page).open();
    await inbox.openChat("Ольга Пример");
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));

    await besedka.stop();
    await expect(inbox.banner).toContainText("Нет связи с сервером", { timeout: 10_000 });
    const answer = await inbox.send("Пишу без связи");
    await expect(inbox.status(answer)).toHaveText("в очереди");
    await expect(inbox.banner).toContainText("В очереди на отправку: 1");
    await world.writes({ ...OLGA, text: "Пока связи не было" });

    await besedka.start();
    // The line may come back by itself before anybody presses; either way the banner goes.
    await inbox.banner.getByRole("button").click({ timeout: 3_000 }).catch(() => {});
    await expect(inbox.banner).toHaveCount(0, { timeout: 15_000 });
    await expect(inbox.message("Пока связи не было")).toBeVisible({ timeout: 15_000 });
    await expect(inbox.status(answer)).toHaveText("прочитано", { timeout: 20_000 });
    await expect(inbox.message("Пишу без связи"), "sent once").toHaveCount(1);
    expect((await world.sent()).filter(({ text }) => text.includes("без связи"))).toHaveLength(1);
    expect(await page.evaluate(() => "sameDocument" in window), "no reload").toBe(true);
  });
});

test("an answer by keyboard alone, in the Russian layout", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...IVAN, text: "Первый вопрос" });
  await world.writes({ ...OLGA, text: "Второй вопрос" });
  const inbox = await new Inbox(page).open();
  await expect(inbox.rows).toHaveCount(2);

  // The key where J is types «о» in the Russian layout.
  await page.evaluate(() => window.dispatchEvent(new KeyboardEvent("keydown", { code: "KeyJ", key: "о", bubbles: true, cancelable: true })));
  await expect(page.getByRole("main", { name: "Чат: Ольга Пример" })).toBeVisible();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(page.getByRole("main", { name: "Чат: Иван Примеров" })).toBeVisible();
  await expect(inbox.text).toBeFocused();

  // Out of the text into the messages, quote the last one, answer.
  await page.keyboard.press("Escape");
  await expect(inbox.log).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(inbox.message("Первый вопрос")).toBeFocused();
  await page.keyboard.press("KeyR");
  await expect(inbox.text).toBeFocused();
  await expect(page.locator(".ql")).toContainText("Первый вопрос");
  await page.keyboard.type("Первая строка");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("вторая");
  await page.keyboard.press("Enter");
  await expect(inbox.message("вторая").locator(".quoted")).toContainText("Первый вопрос");
  await expect(page.locator(".ql")).toHaveCount(0);

  await page.keyboard.press("Escape");
  await page.keyboard.press("Slash");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.press("F6");
  await expect(inbox.log).toBeFocused();
  await page.keyboard.press("Shift+F6");
  await page.keyboard.press("ArrowDown"); // the chat just answered is the first now
  await expect(inbox.row("Ольга Пример").locator("a")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main", { name: "Чат: Ольга Пример" })).toBeVisible();
  await page.keyboard.press("Alt+KeyN");
  await expect(page.getByRole("dialog", { name: "Новый чат" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Новый чат" })).toBeHidden();
});

test("a link from elsewhere opens the chat with a text, and sends nothing", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  const inbox = await new Inbox(page).open();
  await page.goto(`/open?phone=%2B79990000009&account=${world.account}&text=${encodeURIComponent("Ваш заказ готов")}`);
  await expect(page).toHaveURL(/\/chat\/\d+/);
  await expect(inbox.text).toHaveValue("Ваш заказ готов");
  await expect(inbox.messages).toHaveCount(0);
  expect(await world.sent()).toEqual([]);
});

test("who may only read is told so, and an account that is off too", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.person("reader", "Пётр Читатель", "reader", "long enough password");
  await world.writes({ ...OLGA, text: "Добрый день" });
  const inbox = await new Inbox(page).open("reader", "long enough password");
  await inbox.openChat("Ольга Пример");
  await expect(page.getByText("У вас доступ только для чтения")).toBeVisible();
  await expect(inbox.text).toHaveCount(0);

  // The page signs in as the reader; this context is the administrator's.
  await request.patch(`/api/v1/accounts/${world.account}`, { data: { enabled: false } });
  await inbox.open();
  await inbox.openChat("Ольга Пример");
  await expect(page.getByText("Аккаунт «Опт» отключён.")).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("list, chat, answer, card, filters, each on the whole screen", async ({ page, request, emulator }) => {
    const world = await World.connect(request, emulator);
    await world.writes({ ...OLGA, text: "С телефона видно?" });
    const inbox = await new Inbox(page).open();
    await inbox.openChat("Ольга Пример");
    await expect(page.locator(".list-pane")).toBeHidden();
    await expect(page.locator(".rail")).toBeHidden();
    await inbox.text.fill("Видно");
    await page.getByRole("button", { name: "Отправить", exact: true }).click();
    await expect(inbox.message("Видно").last()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), "nothing sticks out").toBeLessThanOrEqual(390);

    await page.getByRole("button", { name: "Ещё" }).click();
    await page.getByRole("menuitem", { name: "Карточка клиента" }).click();
    await expect(page.locator(".card-pane")).toContainText("+7 999 000-00-02");
    await page.getByRole("button", { name: "К чату" }).click();
    await page.getByRole("link", { name: "К списку чатов" }).click();
    await expect(inbox.rows).toHaveCount(1);
    await page.getByRole("button", { name: "Отбор" }).click();
    await page.getByRole("link", { name: "Закрытые" }).click();
    await expect(page.getByRole("heading", { name: "Закрытые" })).toBeVisible();
    await expect(inbox.rows).toHaveCount(0);
  });
});
