// Settings → accounts: the list, the form of a new one, the opened one.
import type { Locator, Page } from "@playwright/test";
import { instance, type Running } from "../fixtures";

export class Accounts {
  readonly list: Locator;
  readonly add: Locator;
  readonly connect: Locator;
  readonly save: Locator;
  readonly state: Locator;
  readonly name: Locator;
  readonly id: Locator;
  readonly token: Locator;
  readonly api: Locator;
  readonly media: Locator;
  readonly qr: Locator;
  readonly linked: Locator;
  readonly steps: Locator;

  constructor(readonly page: Page) {
    this.list = page.getByRole("region", { name: "Аккаунты" });
    this.add = this.list.getByRole("link", { name: "Добавить" });
    this.connect = page.getByRole("button", { name: "Подключить" });
    this.save = page.getByRole("button", { name: "Сохранить" }).filter({ visible: true });
    this.state = page.locator(".page-head .badge");
    this.name = page.getByLabel("Название");
    this.id = page.getByLabel("idInstance");
    this.token = page.getByLabel("apiTokenInstance");
    this.api = page.getByLabel("Хост API");
    this.media = page.getByLabel("Хост медиа");
    this.qr = page.getByAltText("QR-код для привязки телефона");
    this.linked = page.getByText(/Телефон привязан: \+7/);
    this.steps = page.locator(".check-step");
  }

  async open(path = "/settings/accounts"): Promise<this> {
    await this.page.goto(path);
    await this.page.getByRole("heading", { level: 1 }).first().waitFor();
    return this;
  }

  row(name: string): Locator {
    return this.list.locator(".acc", { hasText: name });
  }

  /** The message under a field. */
  error(field: Locator): Locator {
    return field.locator("xpath=ancestor::div[contains(@class, 'field')][1]").locator(".error");
  }

  async fillGreenApi(name: string, emulator: Running, token = instance.token): Promise<void> {
    await this.name.fill(name);
    await this.id.fill(instance.id);
    await this.token.fill(token);
    await this.api.fill(emulator.url);
    await this.media.fill(emulator.url);
  }

  async check(): Promise<void> {
    await this.page.getByRole("button", { name: "Проверить" }).filter({ visible: true }).first().click();
  }

  /** An entry of the "more" menu. */
  async more(entry: string): Promise<void> {
    await this.page.getByRole("button", { name: /^Ещё/ }).click();
    await this.page.getByRole("menuitem", { name: entry }).click();
  }

  /** Answers the question that stands in the way. */
  async confirm(act: string): Promise<void> {
    await this.page.getByRole("dialog").getByRole("button", { name: act }).click();
  }
}

/** What somebody does with the phone or at the provider's. */
export async function atProvider(emulator: Running, deed: string, data: unknown = {}): Promise<void> {
  const answer = await fetch(`${emulator.url}/_control/green-api/${instance.id}/${deed}`, {
    method: "POST",
    body: JSON.stringify(data),
  });
  if (!answer.ok) throw new Error(`${deed}: ${answer.status} ${await answer.text()}`);
}
