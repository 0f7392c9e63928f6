// The first-run wizard.
import { expect, type Locator, type Page } from "@playwright/test";

export class Setup {
  readonly name: Locator;
  readonly login: Locator;
  readonly password: Locator;
  readonly again: Locator;
  readonly next: Locator;
  readonly finish: Locator;

  constructor(readonly page: Page) {
    this.name = page.getByLabel("Имя и фамилия");
    this.login = page.getByLabel("Логин");
    this.password = page.getByLabel("Пароль", { exact: true });
    this.again = page.getByLabel("Ещё раз");
    this.next = page.locator(".wz-f").getByText("Далее");
    this.finish = page.getByRole("link", { name: "Открыть Беседку" });
  }

  /** The step that is shown, by its name in the row of steps. */
  async onStep(name: string): Promise<void> {
    await expect(this.page.locator('.stepper [aria-current="step"]')).toHaveText(name);
  }

  /** A line of the check. */
  check(title: string): Locator {
    return this.page.locator(".ck", { hasText: title });
  }

  async administrator(name: string, login: string, password: string): Promise<void> {
    await this.name.fill(name);
    await this.login.fill(login);
    await this.password.fill(password);
    await this.again.fill(password);
    await this.next.click();
  }
}
