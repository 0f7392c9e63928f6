// Settings → users: the table and the opened person.
import type { Locator, Page } from "@playwright/test";

export class Users {
  readonly rows: Locator;
  readonly add: Locator;
  readonly search: Locator;
  readonly card: Locator;
  readonly name: Locator;
  readonly login: Locator;
  readonly role: Locator;
  readonly password: Locator;
  readonly save: Locator;

  constructor(readonly page: Page) {
    this.rows = page.locator(".people-table tbody tr");
    this.add = page.getByRole("link", { name: "Добавить" });
    this.search = page.getByLabel("Имя или логин");
    this.card = page.locator("form.card-pane");
    this.name = this.card.getByLabel("Имя и фамилия");
    this.login = this.card.getByLabel("Логин");
    this.role = this.card.getByLabel("Роль", { exact: true });
    this.password = this.card.getByLabel(/^(Пароль|Новый пароль)$/);
    this.save = this.card.getByRole("button", { name: "Сохранить" });
  }

  async open(): Promise<this> {
    await this.page.goto("/settings/users");
    await this.rows.first().waitFor();
    return this;
  }

  row(name: string): Locator {
    return this.rows.filter({ hasText: name });
  }

  /** The message under a field. */
  error(field: Locator): Locator {
    return field.locator("xpath=ancestor::div[contains(@class, 'field')][1]").locator(".error");
  }
}
