// The main job: a client writes, a manager answers, both see how far it got.
import { expect, test } from "../fixtures";
import { Inbox, colleague } from "../pages/inbox";
import { World, png } from "../pages/world";

const OLGA = { chat: "79990000002", sender_name: "Ольга Пример" };

test("a client writes: the chat appears live and first; the answer goes and is read", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ chat: "79990000003", sender_name: "Первый Клиент", text: "Добрый день" });
  const inbox = await new Inbox(page).open();
  await expect(inbox.row("Первый Клиент")).toBeVisible();

  await world.writes({ ...OLGA, text: "Есть доска 6 м? https://example.ru/dpk" });
  await expect(inbox.rows.first().locator(".name")).toHaveText("Ольга Пример");
  await expect(inbox.rows.first().locator(".count")).toHaveText("1");
  await expect(page).toHaveTitle(/^\(2\) /);

  await inbox.openChat("Ольга Пример");
  const asked = inbox.message("Есть доска 6 м?");
  await expect(asked).toBeVisible();
  await expect(asked.getByRole("link")).toHaveAttribute("href", "https://example.ru/dpk");
  await expect(inbox.rows.first().locator(".count"), "what was seen is not unread").toHaveCount(0);

  const answer = await inbox.send("Есть, 116 штук. Отложить?");
  await expect(inbox.text).toHaveValue("");
  await expect(inbox.status(answer)).toHaveText("прочитано", { timeout: 15_000 });
  expect((await world.sent()).filter(({ text }) => text.includes("116 штук"))).toHaveLength(1);
});

test("text from outside is text, never markup", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  const evil = `<img src=x onerror="document.title='взлом'"> <b>жирно</b> javascript:alert(1)`;
  await world.writes({ chat: "79990000002", sender_name: "<i>Имя</i>", text: evil });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("<i>Имя</i>");
  await expect(inbox.message("<b>жирно</b>")).toContainText('onerror="document');
  await expect(inbox.log.locator("b, img, a")).toHaveCount(0);
  await expect(page).not.toHaveTitle(/взлом/);
});

test("what failed says why and can be sent again", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Здравствуйте" });
  await world.outcome(OLGA.chat, "noAccount");
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  const answer = await inbox.send("Добрый день, Ольга");
  const alert = answer.getByRole("alert");
  await expect(alert).toContainText("нет WhatsApp", { timeout: 15_000 });
  await expect(inbox.rows.first().locator(".tick.bad")).toBeVisible();

  await world.outcome(OLGA.chat, null);
  await alert.getByRole("button", { name: "Отправить ещё раз" }).click();
  await expect(alert).toHaveCount(0);
  await expect(inbox.status(answer)).toHaveText("прочитано", { timeout: 15_000 });
});

test("a picture and a document go out, and come in", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Пришлите фото и счёт" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  await inbox.attach(
    { name: "Партия.png", mimeType: "image/png", buffer: png(640, 320) },
    { name: "Счёт УТ-001482.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") },
  );
  const tray = page.getByRole("group", { name: "Вложения" });
  await expect(tray.locator(".it")).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Отправить 2" })).toBeEnabled();
  await inbox.text.fill("Вот партия");
  await inbox.text.press("Enter");
  await expect(tray).toHaveCount(0);

  const picture = inbox.messages.filter({ has: page.getByRole("button", { name: "Открыть изображение Партия.png" }) });
  await expect(picture).toContainText("Вот партия");
  const box = await picture.locator(".shot").boundingBox();
  expect(Math.abs((box?.width ?? 0) / (box?.height ?? 1) - 2), "the place is as the picture is, before it is there").toBeLessThan(0.1);
  await expect(inbox.messages.filter({ hasText: "Счёт УТ-001482.pdf" }).locator(".ext")).toHaveText("PDF");
  for (const sent of [picture, inbox.messages.filter({ hasText: "Счёт УТ-001482.pdf" })]) {
    await expect(inbox.status(sent)).toHaveText("прочитано", { timeout: 20_000 });
  }

  await picture.locator(".shot").click();
  await expect(page.getByRole("dialog", { name: "Просмотр изображения" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Просмотр изображения" })).toBeHidden();

  await world.writes({ ...OLGA, file: { name: "План.png" }, text: "Наш план" });
  await world.writes({ ...OLGA, file: { name: "Реквизиты.pdf" } });
  const plan = inbox.messages.filter({ hasText: "Наш план" });
  await expect(plan.locator(".shot img")).toBeVisible({ timeout: 15_000 });
  await expect.poll(() => plan.locator(".shot img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  const requisites = inbox.messages.filter({ hasText: "Реквизиты.pdf" });
  const download = page.waitForEvent("download");
  await requisites.getByRole("link", { name: /Скачать/ }).click();
  expect((await download).suggestedFilename()).toBe("Реквизиты.pdf");
});

test("a file that is too large is told before it travels", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Видео пришлите" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  const uploads: string[] = [];
  page.on("request", (asked) => asked.url().endsWith("/files") && uploads.push(asked.url()));
  // As large as a film without being one: the browser is told a size, not given the bytes.
  await page.evaluate(() => {
    const file = new File(["x"], "Обзор.mov", { type: "video/quicktime" });
    Object.defineProperty(file, "size", { value: 200 * 1024 * 1024 });
    const transfer = new DataTransfer();
    transfer.items.add(new File(["x"], "пустышка"));
    Object.defineProperty(transfer, "files", { value: { length: 1, item: () => file, 0: file } });
    const paste = new Event("paste", { bubbles: true, cancelable: true });
    Object.defineProperty(paste, "clipboardData", { value: transfer });
    document.querySelector("#composer")?.dispatchEvent(paste);
  });
  const item = page.getByRole("group", { name: "Вложения" }).locator(".it.bad");
  await expect(item).toContainText("больше 100");
  expect(uploads).toEqual([]);
  await item.getByRole("button", { name: "Убрать Обзор.mov" }).click();
  await expect(item).toHaveCount(0);
});

test("two people see each other's messages, who types and who answers", async ({ page, request, emulator, browser, baseURL }) => {
  const world = await World.connect(request, emulator);
  await world.person("ilya", "Илья Вершинин", "operator", "long enough password");
  await world.writes({ ...OLGA, text: "Добрый день" });
  const mine = await new Inbox(page).open();
  const his = await colleague(browser, baseURL ?? "", "ilya", "long enough password");
  await mine.openChat("Ольга Пример");
  await his.openChat("Ольга Пример");

  await his.text.pressSequentially("Сейчас");
  await expect(page.locator(".comp-bar .typing")).toHaveText("Илья Вершинин пишет…");
  await his.text.press("Enter");
  const shown = mine.message("Сейчас");
  await expect(shown.locator(".by")).toHaveText("Илья Вершинин");
  await expect(page.locator(".chat-head .hand-over")).toContainText("Илья Вершинин");
  await expect(his.page.locator(".chat-head .hand-over")).toContainText("Вы");

  await page.locator(".chat-head .hand-over").click();
  await page.getByRole("menuitemradio", { name: /^Вы/ }).click();
  await expect(his.page.locator(".chat-head .hand-over")).not.toContainText("Вы");
  await page.getByRole("button", { name: "Закрыть", exact: true }).click();
  await expect(his.row("Ольга Пример").locator(".badge")).toHaveText("Закрыт");
  await his.page.context().close();
});
