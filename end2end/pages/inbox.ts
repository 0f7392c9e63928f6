// The inbox as a person sees it: list, chat window, composer. Specs say what should happen, this says where it is.
import { expect, type APIRequestContext, type Browser, type Locator, type Page } from "@playwright/test";

export const composer = "#composer";

export class Inbox {
  readonly rows: Locator;
  readonly log: Locator;
  readonly messages: Locator;
  readonly text: Locator;
  readonly toEnd: Locator;
  readonly unreadLine: Locator;
  readonly banner: Locator;

  constructor(readonly page: Page) {
    this.rows = page.locator(".rows .row");
    this.log = page.getByRole("region", { name: "Переписка" });
    this.messages = this.log.locator("li.msg");
    this.text = page.locator(composer);
    this.toEnd = page.locator(".to-end");
    this.unreadLine = this.log.locator(".unread-line");
    this.banner = page.locator(".banner");
  }

  /** Signs in by the API, as the sign-in page has its own spec, and opens the list. */
  async open(login = "admin", password = "correct horse battery", path = "/"): Promise<this> {
    await signIn(this.page.request, login, password);
    await this.page.goto(path);
    await expect(this.page.getByRole("heading", { level: 1 })).toBeVisible();
    return this;
  }

  row(name: string): Locator {
    return this.rows.filter({ has: this.page.locator(".name", { hasText: name }) });
  }

  async openChat(name: string): Promise<void> {
    await this.row(name).locator("a").click();
    await expect(this.page.getByRole("main", { name: `Чат: ${name}` })).toBeVisible();
    await expect(this.log).not.toHaveAttribute("aria-busy", "true");
  }

  message(text: string | RegExp): Locator {
    return this.messages.filter({ hasText: text });
  }

  /** Opens the menu of a message. */
  async menu(message: Locator): Promise<Locator> {
    await message.locator(".bubble").click({ button: "right", position: { x: 6, y: 6 } });
    const menu = this.page.locator(".msg-menu");
    await expect(menu).toBeVisible();
    return menu;
  }

  /** Chooses from the menu of a message. */
  async choose(message: Locator, name: string | RegExp): Promise<void> {
    await (await this.menu(message)).getByRole("menuitem", { name }).click();
  }

  /** How far a message has come, by the word that a screen reader hears. */
  status(message: Locator): Locator {
    return message.locator(".meta .vh");
  }

  async send(text: string): Promise<Locator> {
    await this.text.fill(text);
    await this.text.press("Enter");
    const sent = this.message(text);
    await expect(sent).toBeVisible();
    return sent;
  }

  /** The part of the log that is on the screen: the words of the messages and where each begins. */
  async onScreen(): Promise<{ text: string; top: number }[]> {
    return this.log.evaluate((pane) => {
      const box = pane.getBoundingClientRect();
      return [...pane.querySelectorAll("li.msg")]
        .map((message) => ({ text: message.querySelector(".txt")?.textContent?.slice(0, 24) ?? "", rect: message.getBoundingClientRect() }))
        .filter(({ rect }) => rect.bottom > box.top && rect.top < box.bottom)
        .map(({ text, rect }) => ({ text, top: rect.top - box.top }));
    });
  }

  /** Turns the wheel over the log; negative is towards older messages. */
  async wheel(by: number): Promise<void> {
    await this.log.hover({ position: { x: 300, y: 200 } });
    await this.page.mouse.wheel(0, by);
  }

  async attach(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.page.locator(".composer input[type=file]").setInputFiles(files);
  }
}

/** Signs the browser context of these requests in. */
export async function signIn(request: APIRequestContext, login: string, password: string): Promise<void> {
  const answer = await request.post("/api/v1/session", { data: { login, password } });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** A second person in a browser of their own. */
export async function colleague(browser: Browser, baseURL: string, login: string, password: string): Promise<Inbox> {
  const context = await browser.newContext({ baseURL, locale: "ru-RU", timezoneId: "Europe/Moscow" });
  return new Inbox(await context.newPage()).open(login, password);
}
