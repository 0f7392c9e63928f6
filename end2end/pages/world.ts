// The world outside for browser tests: a Green-API account joined to the emulator, and clients who write through it.
import { deflateSync } from "node:zlib";
import { expect, type APIRequestContext } from "@playwright/test";
import { instance, type Running } from "../fixtures";
import { signIn } from "./inbox";

type Incoming = {
  chat: string;
  text?: string;
  sender_name?: string;
  file?: { name: string };
  timestamp?: number;
  type?: string;
  data?: unknown;
  quote?: string;
};

export class World {
  private constructor(
    private readonly request: APIRequestContext,
    private readonly emulator: Running,
    readonly account: number,
    private readonly authorization: string,
  ) {}

  /** Signs in as the administrator and connects the emulated number to an account called «Опт». */
  static async connect(request: APIRequestContext, emulator: Running): Promise<World> {
    await signIn(request, "admin", "correct horse battery");
    const made = await request.post("/api/v1/accounts", {
      data: {
        name: "Опт",
        provider: "green_api",
        receive: "polling",
        settings: {
          id_instance: instance.id,
          api_token_instance: instance.token,
          api_url: emulator.url,
          media_url: emulator.url,
        },
        switches: { write_first: true, show_sender: false, mark_read: true, link_previews: true, preview: true, default_for_mailings: false },
      },
    });
    expect(made.status(), await made.text()).toBe(201);
    const account = await made.json();
    // Clients read what they get.
    await fetch(`${emulator.url}/_control/green-api/${instance.id}/pace`, { method: "POST", body: JSON.stringify({ read_ms: 300 }) });
    const state = async () => (await (await request.get(`/api/v1/accounts/${account.id}`)).json()).state;
    await expect.poll(state, { timeout: 15_000 }).toBe("working");
    return new World(request, emulator, account.id, account.webhook_authorization);
  }

  private async control<T>(path: string, data: unknown): Promise<T> {
    const answer = await fetch(`${this.emulator.url}/_control/green-api/${instance.id}/${path}`, {
      method: "POST",
      body: JSON.stringify(data),
    });
    expect(answer.status, await answer.clone().text()).toBe(200);
    return (await answer.json()) as T;
  }

  /** A client writes. */
  async writes(message: Incoming): Promise<string> {
    return (await this.control<{ id: string }>("incoming", message)).id;
  }

  /** A client changes, deletes, or reacts to a message by its provider's id; or calls. */
  async deed(what: "edit" | "delete" | "react" | "call", deed: { chat: string; id: string; text?: string; status?: string }): Promise<void> {
    await this.control(what, deed);
  }

  /** What will become of messages to a chat; `null` lets them through again. */
  async outcome(chat: string, status: string | null, description?: string): Promise<void> {
    await this.control("outcome", { chat, status, description });
  }

  /** What has left for clients. */
  async sent(): Promise<{ chat: string; text: string }[]> {
    const answer = await fetch(`${this.emulator.url}/_control/green-api/${instance.id}/sent`);
    return (await answer.json()) as { chat: string; text: string }[];
  }

  /** Another member of staff. */
  async person(login: string, name: string, role: string, password: string): Promise<void> {
    const made = await this.request.post("/api/v1/users", { data: { login, name, role, password } });
    expect([200, 201], await made.text()).toContain(made.status());
  }

  /** A long past: `count` messages of one client, half a minute apart, the last of them ten minutes ago. */
  async past(phone: string, name: string, count: number): Promise<void> {
    const begin = Math.floor(Date.now() / 1000) - 600 - count * 30;
    let next = 0;
    const worker = async () => {
      for (let n = next++; n < count; n = next++) {
        const chat = `${phone}@c.us`;
        const answer = await this.request.post(`/hs/whatsapp/webhook/${this.account}`, {
          headers: { authorization: this.authorization },
          data: {
            typeWebhook: "incomingMessageReceived",
            instanceData: { idInstance: Number(instance.id), wid: "79990000001@c.us", typeInstance: "whatsapp" },
            timestamp: begin + n * 30,
            idMessage: `PAST${phone}${n}`,
            senderData: { chatId: chat, sender: chat, chatName: name, senderName: name, senderContactName: "" },
            messageData: { typeMessage: "textMessage", textMessageData: { textMessage: `сообщение ${n}. ${"слово ".repeat(1 + ((n * 7) % 30))}` } },
          },
        });
        expect(answer.status()).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    await expect
      .poll(async () => {
        const page = await (await this.request.get(`/api/v1/chats?text=${phone}`)).json();
        return page.items[0]?.unread ?? 0;
      }, { timeout: 30_000 })
      .toBe(count);
  }
}

/** A picture of one colour, as a PNG of the given size: real bytes, no drawing library. */
export function png(width: number, height: number): Buffer {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (bytes: Buffer) => (bytes.reduce((c, byte) => (crcTable[(c ^ byte) & 255] ?? 0) ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 0x9a)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
