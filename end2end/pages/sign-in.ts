// The sign-in page, and the dialog that asks for the password again.
import type { Locator, Page } from "@playwright/test";

export class SignIn {
  readonly login: Locator;
  readonly password: Locator;
  readonly enter: Locator;
  readonly trouble: Locator;
  readonly expired: Locator;

  constructor(readonly page: Page) {
    this.login = page.getByLabel("Логин");
    this.password = page.getByLabel("Пароль", { exact: true });
    this.enter = page.getByRole("button", { name: "Войти" });
    this.trouble = page.getByRole("alert");
    this.expired = page.getByRole("dialog", { name: "Войдите ещё раз" });
  }

  async open(path = "/"): Promise<this> {
    await this.page.goto(path);
    await this.enter.waitFor();
    return this;
  }

  async as(login: string, password: string): Promise<void> {
    await this.login.fill(login);
    await this.password.fill(password);
    await this.enter.click();
  }
}
