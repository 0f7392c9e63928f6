// The conversation: WhatsApp's marks, a bubble for every kind, and what one does with messages.
import { expect, test } from "../fixtures";
import { Inbox } from "../pages/inbox";
import { World } from "../pages/world";

const client = "79120004517";
const name = "Марина Крылова";

test.describe.configure({ timeout: 60_000 });

test("marks become nodes, links stand by themselves, emoji alone are large", async ({ page, emulator }) => {
  const world = await World.connect(page.request, emulator);
  await world.writes({ chat: client, sender_name: name, text: "*важно*: _завтра_ ~сегодня~ `код`\n- раз\n- два\n> сказано\nhttps://example.ru/a <b>не тег</b>" });
  await world.writes({ chat: client, text: "👍🏽" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat(name);
  const said = inbox.message("не тег");
  await expect(said.locator(".txt b")).toHaveText("важно");
  await expect(said.locator(".txt i").first()).toHaveText("завтра");
  await expect(said.locator(".txt s")).toHaveText("сегодня");
  await expect(said.locator(".txt code")).toHaveText("код");
  await expect(said.locator(".txt ul li")).toHaveText(["раз", "два"]);
  await expect(said.locator(".txt blockquote")).toHaveText("сказано");
  await expect(said.locator(".txt a")).toHaveAttribute("dir", "ltr");
  await expect(said).toContainText("<b>не тег</b>");
  await expect(inbox.messages.last().locator(".txt.big")).toBeVisible();
  await world.writes({ chat: client, text: "*жирно* в списке" });
  await expect(inbox.row(name)).toContainText("жирно в списке");
  await expect(inbox.row(name)).not.toContainText("*");
});

test("every kind has a bubble of its own", async ({ page, emulator }) => {
  const world = await World.connect(page.request, emulator);
  const kinds: [string, unknown][] = [
    ["locationMessage", { locationMessageData: { nameLocation: "Участок 14", address: "пос. Сосновый", latitude: 55.75, longitude: 37.61, jpegThumbnail: "" } }],
    ["contactMessage", { contactMessageData: { displayName: "Сергей, прораб", vcard: "BEGIN:VCARD\nVERSION:3.0\nN:;Сергей, прораб;;;\nFN:Сергей\\, прораб\nORG:ООО Сад\nTEL;type=CELL;waid=79220005816:+7 922 000-58-16\nEND:VCARD" } }],
    ["pollMessage", { pollMessageData: { name: "Когда привезти?", multipleAnswers: false, options: [{ optionName: "Суббота" }, { optionName: "Понедельник" }], votes: [{ optionName: "Суббота", optionVoters: [`${client}@c.us`] }, { optionName: "Понедельник", optionVoters: [] }] } }],
    ["groupInviteMessage", { groupInviteMessageData: { groupName: "Соседи", inviteCode: "AbCd1234", inviteExpiration: 1900000000, caption: "Заходите", groupJid: "120363000000000000@g.us" } }],
    ["buttonsMessage", { buttonsMessage: { contentText: "Что дальше?", footer: "Садовый мастер", buttons: [{ buttonId: "1", buttonText: "Узнать срок" }] } }],
    ["buttonsResponseMessage", { buttonsResponseMessage: { selectedButtonId: "1", selectedButtonText: "Узнать срок доставки", stanzaId: "" } }],
    ["extendedTextMessage", { extendedTextMessageData: { text: "смотрите https://sad.example.ru/blog", title: "Как подготовить площадку", description: "Снимаем дёрн, ставим опоры", previewType: "Rich", jpegThumbnail: "", forwardingScore: 0, isForwarded: false } }],
    ["paymentMessage", { paymentMessageData: { amount: 1 } }],
  ];
  await world.writes({ chat: client, sender_name: name, text: "Здравствуйте" });
  for (const [type, data] of kinds) await world.writes({ chat: client, type, data });
  await world.deed("call", { chat: client, id: "CALL1", status: "missed" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat(name);
  const place = inbox.message("Участок 14");
  await expect(place.getByRole("link", { name: "Яндекс Карты" })).toHaveAttribute("href", /yandex\.ru\/maps\/\?pt=37\.61/);
  const card = inbox.message("Сергей, прораб");
  await expect(card).toContainText("ООО Сад");
  await expect(card).toContainText("922 000-58-16");
  const poll = inbox.message("Когда привезти?");
  await expect(poll).toContainText("Один вариант · ответили: 1");
  await expect(poll.locator(".poll-list li").first()).toContainText("1");
  await expect(inbox.message("Соседи").getByRole("link", { name: "Открыть в WhatsApp" })).toHaveAttribute("href", "https://chat.whatsapp.com/AbCd1234");
  await expect(inbox.message("Что дальше?").locator(".bub-acts span")).toHaveText("Узнать срок");
  await expect(inbox.message("Узнать срок доставки")).toContainText("Выбрано в сообщении");
  await expect(inbox.message("смотрите").locator(".linkcard")).toContainText("Как подготовить площадку");
  await expect(inbox.log.locator(".sys.call")).toContainText("Пропущенный звонок WhatsApp");
  const strange = inbox.message("paymentMessage");
  await strange.getByRole("button", { name: "Показать данные" }).click();
  await expect(page.getByRole("dialog", { name: "О сообщении" }).locator("pre")).toContainText("paymentMessageData");
  await page.keyboard.press("Escape");
  await card.getByRole("button", { name: "Написать" }).click();
  await expect(page.locator(".chat-head")).toContainText("922 000-58-16");
});

test("reactions: by the menu, by their chips, and the client's own", async ({ page, emulator }) => {
  const world = await World.connect(page.request, emulator);
  const id = await world.writes({ chat: client, sender_name: name, text: "Оплатили счёт" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat(name);
  const said = inbox.message("Оплатили счёт");
  await (await inbox.menu(said)).getByRole("menuitemcheckbox", { name: "👍" }).click();
  const chip = said.locator(".reacts button");
  await expect(chip).toHaveAttribute("aria-pressed", "true");
  await world.deed("react", { chat: client, id, text: "👍" });
  await expect(chip).toContainText("2");
  await expect(chip).toHaveAttribute("title", /Вы, /);
  await chip.click();
  await expect(chip).toHaveAttribute("aria-pressed", "false");
  await inbox.choose(said, "Другая реакция");
  await page.getByRole("dialog", { name: "Реакция" }).getByRole("button", { name: "🔥" }).click();
  await expect(said.locator(".reacts button")).toHaveCount(2);
});

test("my text is changed, its history is seen, and it is deleted for everyone", async ({ page, emulator }) => {
  const world = await World.connect(page.request, emulator);
  await world.writes({ chat: client, sender_name: name, text: "Когда?" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat(name);
  const sent = await inbox.send("в субботу");
  await expect(inbox.status(sent)).toHaveText(/доставлено|прочитано/);
  await inbox.text.press("ArrowUp");
  await expect(inbox.text).toHaveValue("в субботу");
  await inbox.text.fill("в воскресенье");
  await inbox.text.press("Enter");
  const changed = inbox.message("в воскресенье");
  await expect(changed.locator(".edited")).toBeVisible();
  await expect(inbox.text).toHaveValue("");
  await changed.locator(".edited").click();
  const about = page.getByRole("dialog", { name: "О сообщении" });
  await expect(about.locator(".tl")).toContainText("Написано");
  await expect(about.locator(".tl")).toContainText("Доставлено");
  await expect(about.locator(".versions")).toContainText("в субботу");
  await page.keyboard.press("Escape");
  await inbox.choose(changed, "Удалить у всех");
  await page.getByRole("dialog").getByRole("button", { name: "Удалить у всех" }).click();
  await expect(inbox.log.locator(".bubble.ghost")).toContainText("Сообщение удалено");
  await expect(inbox.message("Когда?")).toBeVisible();
  const theirs = await inbox.menu(inbox.message("Когда?"));
  await expect(theirs.getByRole("menuitem", { name: "Удалить у всех" })).toHaveCount(0);
});

test("several are picked and forwarded to several", async ({ page, emulator }) => {
  const world = await World.connect(page.request, emulator);
  await world.writes({ chat: "79120000001", sender_name: "Илья", text: "первый чат" });
  await world.writes({ chat: "79120000002", sender_name: "Ольга", text: "второй чат" });
  await world.writes({ chat: client, sender_name: name, text: "один" });
  await world.writes({ chat: client, text: "два" });
  const inbox = await new Inbox(page).open();
  await inbox.openChat(name);
  await inbox.choose(inbox.message("один"), "Выбрать несколько");
  await inbox.message("два").locator(".pick").click();
  await expect(page.locator(".picking-bar")).toContainText("Выбрано: 2");
  await page.locator(".picking-bar").getByRole("button", { name: "Переслать" }).click();
  const dialog = page.getByRole("dialog", { name: "Кому переслать" });
  await dialog.getByRole("searchbox").fill("Иль");
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await dialog.getByRole("option", { name: "Илья" }).click();
  await dialog.getByRole("searchbox").fill("");
  await dialog.getByRole("option", { name: "Ольга" }).click();
  await dialog.getByRole("button", { name: "Переслать" }).click();
  await expect(dialog).toBeHidden({ timeout: 15_000 });
  await expect.poll(async () => (await world.sent()).length, { timeout: 15_000 }).toBe(4);
  await expect(page.locator(".picking-bar")).toHaveCount(0);
});

test("pictures sent together are an album, and the viewer goes through them", async ({ page, emulator }) => {
  const world = await World.connect(page.request, emulator);
  await world.writes({ chat: client, sender_name: name, text: "Вот площадка" });
  for (const n of [1, 2, 3]) await world.writes({ chat: client, file: { name: `${n}.jpg` } });
  const inbox = await new Inbox(page).open();
  await inbox.openChat(name);
  const album = inbox.log.locator(".album");
  await expect(album.locator("button.shot")).toHaveCount(3, { timeout: 15_000 });
  await album.locator("button.shot").first().click();
  const viewer = page.locator("dialog.viewer");
  await expect(viewer).toContainText("1 / 3");
  await page.keyboard.press("ArrowRight");
  await expect(viewer).toContainText("2 / 3");
  await page.keyboard.press("Equal");
  await expect(viewer).toContainText("150%");
  await page.keyboard.press("Digit0");
  await expect(viewer).toContainText("100%");
  await page.keyboard.press("Escape");
  await expect(viewer).toBeHidden();
});

test("a voice note is played at another speed", async ({ page, emulator }) => {
  const world = await World.connect(page.request, emulator);
  await world.writes({ chat: client, sender_name: name, file: { name: "голос.ogg" } });
  const inbox = await new Inbox(page).open();
  await inbox.openChat(name);
  const player = inbox.log.locator(".voice");
  await expect(player).toBeVisible({ timeout: 15_000 });
  await player.getByRole("button", { name: "Скорость" }).click();
  await expect(player.getByRole("button", { name: "Скорость" })).toHaveText("1,5×");
  await expect(player.getByRole("slider", { name: "Место в записи" })).toBeVisible();
});
