// What helps those who answer: notes with mentions, quick replies, formatting, sending later, labels, pins, and a warning
// before two answer at once.
import { expect, test } from "../fixtures";
import { Inbox, colleague } from "../pages/inbox";
import { World } from "../pages/world";

const OLGA = { chat: "79990000002", sender_name: "Ольга Пример" };

test("a note stays with colleagues and calls the one whom it mentions", async ({ page, request, emulator, browser, baseURL }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Сколько стоит?" });
  await world.person("anna", "Анна Орлова", "operator", "annaannaanna");
  const anna = await colleague(browser, baseURL!, "anna", "annaannaanna");
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");

  await page.getByRole("button", { name: "Заметка", exact: true }).click();
  await inbox.text.pressSequentially("посчитайте @Ан");
  await expect(page.getByRole("option", { name: /Анна Орлова/ })).toBeVisible();
  await inbox.text.press("Enter");
  await expect(inbox.text).toHaveValue("посчитайте @Анна Орлова ");
  await inbox.text.press("Enter");
  await expect(inbox.message("посчитайте @Анна Орлова")).toBeVisible();

  const mentions = anna.page.locator('[data-view="mentioned"]');
  await expect(mentions.locator(".count")).toHaveText("1");
  await mentions.click();
  await anna.openChat("Ольга Пример");
  await expect(anna.message("посчитайте")).toBeVisible();
  await expect(mentions.locator(".count")).toHaveCount(0);
  expect(await world.sent()).toEqual([]);
  await anna.page.context().close();
});

test("a quick reply is written in the settings and inserted filled", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Сколько стоит?" });
  const inbox = await new Inbox(page).open("admin", "correct horse battery", "/settings/replies");
  await page.getByLabel("Слово после /").fill("цена");
  await page.getByLabel("Текст").fill("{{имя}}, цена {{сумма}}");
  await page.getByRole("button", { name: "Сохранить ответ" }).click();
  await expect(page.getByText("Неизвестные переменные: сумма.")).toBeVisible();
  await page.getByLabel("Текст").fill("{{имя}}, цена 100 рублей");
  await page.getByRole("button", { name: "Сохранить ответ" }).click();
  await expect(page.getByText("/цена")).toBeVisible();

  await page.goto("/");
  await inbox.openChat("Ольга Пример");
  await inbox.text.pressSequentially("/ц");
  await expect(page.getByRole("option")).toHaveCount(1);
  await inbox.text.press("Enter");
  await expect(inbox.text).toHaveValue("Ольга Пример, цена 100 рублей");
  // The browser's own undo takes it back.
  await inbox.text.press("Control+z");
  await expect(inbox.text).toHaveValue("/ц");
});

test("buttons and keys format the text, and undo takes it back", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Добрый день" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  await inbox.text.fill("важно");
  await inbox.text.selectText();
  await inbox.text.press("Control+b");
  await expect(inbox.text).toHaveValue("*важно*");
  await page.getByRole("button", { name: "Курсив" }).click();
  await expect(inbox.text).toHaveValue("*_важно_*");
  await inbox.text.press("Control+z");
  await expect(inbox.text).toHaveValue("*важно*");
  await inbox.text.fill("- раз");
  await inbox.text.press("Shift+Enter");
  await expect(inbox.text).toHaveValue("- раз\n- ");
});

test("a message waits for its time, is taken back, and is cancelled", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Добрый день" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  const list = page.getByRole("list", { name: "Отложенные сообщения" });
  const keep = async (text: string) => {
    await inbox.text.fill(text);
    await page.getByRole("button", { name: "Отправить позже" }).click();
    await page.getByLabel("Когда отправить").fill("2027-03-01T09:00");
    await page.getByRole("button", { name: "Отложить" }).click();
    await expect(list.getByText(text)).toBeVisible();
  };
  await keep("Напоминаю о встрече");
  await page.reload();
  await expect(list.getByText("Напоминаю о встрече")).toBeVisible();
  await list.getByRole("button", { name: "Вернуть в поле" }).click();
  await expect(inbox.text).toHaveValue("Напоминаю о встрече");
  await expect(list).toHaveCount(0);
  await keep("Напоминаю о встрече завтра");
  await list.getByRole("button", { name: "Отменить отправку" }).click();
  await expect(list).toHaveCount(0);
  expect(await world.sent()).toEqual([]);
});

test("labels are made, put on and filter the list; pinned chats stay on top", async ({ page, request, emulator }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Добрый день" });
  const inbox = await new Inbox(page).open("admin", "correct horse battery", "/settings/labels");
  await page.getByLabel("Название").fill("Срочно");
  await page.getByRole("button", { name: "Красный" }).click();
  await page.getByRole("button", { name: "Сохранить метку" }).click();
  await expect(page.locator(".tag", { hasText: "Срочно" })).toBeVisible();

  await page.goto("/");
  await inbox.openChat("Ольга Пример");
  const marks = page.getByRole("button", { name: "Метки и закрепление" });
  await marks.click();
  await page.getByRole("menuitemcheckbox", { name: "Срочно" }).click();
  await expect(inbox.row("Ольга Пример").locator(".ldot")).toHaveAttribute("title", "Срочно");
  await marks.click();
  await page.getByRole("menuitem", { name: "Закрепить вверху" }).click();
  await world.writes({ chat: "79990000003", sender_name: "Второй Клиент", text: "И мне" });
  await expect(inbox.row("Второй Клиент")).toBeVisible();
  await expect(inbox.rows.first().locator(".name")).toHaveText("Ольга Пример");
  await page.getByRole("navigation", { name: "Отбор чатов" }).getByRole("link", { name: "Срочно" }).click();
  await expect(inbox.rows).toHaveCount(1);
  await marks.click();
  await page.getByRole("menuitem", { name: "Пометить непрочитанным" }).click();
  await expect(inbox.row("Ольга Пример").locator(".count")).toHaveText("1");
});

test("one is warned before answering over a colleague", async ({ page, request, emulator, browser, baseURL }) => {
  const world = await World.connect(request, emulator);
  await world.writes({ ...OLGA, text: "Сколько стоит?" });
  await world.person("anna", "Анна Орлова", "operator", "annaannaanna");
  const anna = await colleague(browser, baseURL!, "anna", "annaannaanna");
  await anna.openChat("Ольга Пример");
  const inbox = await new Inbox(page).open();
  await inbox.openChat("Ольга Пример");
  await anna.send("Сто рублей");
  await expect(inbox.message("Сто рублей")).toBeVisible();
  await inbox.text.fill("Сто двадцать");
  await inbox.text.press("Enter");
  await expect(page.getByRole("alert").getByText("Анна Орлова отвечает")).toBeVisible();
  await expect(inbox.text).toHaveValue("Сто двадцать");
  await inbox.text.press("Enter");
  await expect(inbox.message("Сто двадцать")).toBeVisible();
  await anna.page.context().close();
});
