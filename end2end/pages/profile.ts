// Settings → profile: name, password, this computer, sessions, keys.
import type { Locator, Page } from "@playwright/test";

export class Profile {
  readonly name: Locator;
  readonly sessions: Locator;
  readonly keys: Locator;

  constructor(readonly page: Page) {
    this.name = page.getByLabel("Имя и фамилия");
    this.sessions = page.locator("section.box", { has: page.getByRole("heading", { name: "Сеансы" }) });
    this.keys = page.locator("section.box", { has: page.getByRole("heading", { name: "Ключи API" }) });
  }

  async open(): Promise<this> {
    await this.page.goto("/settings/profile");
    await this.name.waitFor();
    return this;
  }

  /** Chooses one of a few that stand side by side: a language, a theme. */
  async choose(text: string): Promise<void> {
    await this.page.locator(".seg label", { hasText: text }).click();
  }
}
