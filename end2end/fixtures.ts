// What every browser test stands on: a Besedka of its own with an empty data folder, the outside world
// (the emulator) when a test asks for it, and a watch over the browser's console.
// Specs import `test` and `expect` from here, never from Playwright itself. Page objects are in pages/.
import { test as base, expect } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const programs = {
  besedka: process.env.BESEDKA_BIN ?? join(root, "target/debug/besedka"),
  emulator: process.env.EMULATOR_BIN ?? join(root, "target/debug/emulator"),
};

/** The Green-API instance that the emulator begins with; its API and media address is `emulator.url`. */
export const instance = { id: "7103000001", token: "emulated0token0emulated0token" };

/** The first administrator; `null` leaves the installation without users, as on its first run. */
export type Admin = { login: string; password: string } | null;

/** A running program: its address, and a way to stop and start it again on the same port and data. */
export class Running {
  private child?: ChildProcess;

  constructor(
    readonly url: string,
    private readonly program: string,
    private readonly words: string[],
    private readonly ready: string,
    private readonly log: string,
  ) {}

  async start(): Promise<void> {
    const child = spawn(this.program, this.words, { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    const log = createWriteStream(this.log, { flags: "a" });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    let failure = "";
    child.once("error", (cause) => (failure = cause.message));
    child.once("exit", (code, signal) => (failure = `ended with ${code ?? signal}; its words are in ${this.log}`));
    for (const until = Date.now() + 20_000; Date.now() < until; ) {
      if (failure) throw new Error(`${this.program} ${failure}`);
      const answer = await fetch(this.url + this.ready).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    await this.stop("SIGKILL");
    throw new Error(`${this.program} was not ready in 20 seconds; its words are in ${this.log}`);
  }

  /** Ends exactly the process that `start` began. SIGKILL is a power cut. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((wake) => child.once("exit", wake));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(late);
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

type Fixtures = {
  /** Set with `test.use({ admin: … })`. */
  admin: Admin;
  /** Further words for `besedka serve`. */
  words: string[];
  /** Substrings of console errors that a test provokes on purpose. */
  expectedErrors: string[];
  besedka: Running;
  emulator: Running;
  watched: void;
};

export const test = base.extend<Fixtures>({
  admin: [{ login: "admin", password: "correct horse battery" }, { option: true }],
  words: [[], { option: true }],
  expectedErrors: [[], { option: true }],

  besedka: async ({ admin, words }, use, info) => {
    const data = await mkdtemp(join(tmpdir(), "besedka-test-"));
    const listen = `127.0.0.1:${await freePort()}`;
    const flags = ["serve", "--listen", listen, "--data", data, "--allow-private-hosts", "127.0.0.1"];
    if (admin) flags.push("--admin", `${admin.login}:${admin.password}`);
    const besedka = new Running(`http://${listen}`, programs.besedka, [...flags, ...words], "/readyz", info.outputPath("besedka.log"));
    try {
      await besedka.start();
      await use(besedka);
    } finally {
      await besedka.stop();
      await rm(data, { recursive: true, force: true });
    }
  },

  emulator: async ({}, use, info) => {
    const listen = `127.0.0.1:${await freePort()}`;
    const flags = ["--listen", listen, "--inbox", "--instance", `${instance.id}:${instance.token}`];
    const emulator = new Running(`http://${listen}`, programs.emulator, flags, "/_control", info.outputPath("emulator.log"));
    try {
      await emulator.start();
      await use(emulator);
    } finally {
      await emulator.stop();
    }
  },

  baseURL: async ({ besedka }, use) => use(besedka.url),

  // Every page is also a test that nothing went wrong silently: no exception, no console error, no blocked script.
  watched: [
    async ({ page, expectedErrors }, use) => {
      const troubles: string[] = [];
      // Asking who is signed in, and signing in wrongly, is answered 401; browsers write every 4xx down as an error.
      const usual = /401 \(Unauthorized\).*\/api\/v1\/session\)$/;
      const note = (text: string) => {
        if (!usual.test(text) && !expectedErrors.some((part) => text.includes(part))) troubles.push(text);
      };
      page.on("pageerror", (cause) => note(`exception: ${cause.message}`));
      page.on("console", (message) => {
        if (message.type() === "error") note(`console: ${message.text()} (${message.location().url})`);
      });
      await use();
      expect(troubles, "the browser's console stays clean").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
