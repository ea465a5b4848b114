import type { Api, Fetch } from "./api";
import { ApiError } from "./api";
import { Refusal, type Connection } from "./connection";
import { newKey } from "./new-key";
import { UploadQueue, type Upload } from "./upload-queue";

export const FILE_NAME_MAX_CHARS = 200;

/** Files that one shares in the chat, and the way to those of all. */
export class RoomFiles extends UploadQueue<Upload> {
  #asked: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: Pick<Connection, "request">,
    api: Pick<Api, "put">,
    sending: (onSent: (share: number) => void) => Fetch,
  ) {
    super(
      async ({ key, name }, file, by) => {
        const place = await connection.request({ type: "bring_file", key, name, size_bytes: file.size });
        await api.put(place.path, file, "", by);
        // The key is the message's nonce, too: shared again after a lost line it is one message.
        await connection.request({ type: "share_file", key, nonce: key });
      },
      sending,
      (cause) => (cause instanceof ApiError || cause instanceof Refusal ? cause.code : "internal"),
    );
  }

  add(files: readonly File[]): void {
    this.put(
      files.map((file) => ({
        file,
        upload: {
          key: newKey(),
          name: file.name.slice(0, FILE_NAME_MAX_CHARS) || "file",
          state: "waiting",
          share: 0,
          code: "",
        },
      })),
    );
  }

  /** Where a file can be got, for a minute.  One is asked for after the other: the room answers few at a time. */
  async path(key: string): Promise<string> {
    const before = this.#asked.catch(() => undefined);
    const asked = before.then(() => this.connection.request({ type: "open_file", key }));
    this.#asked = asked;
    return (await asked).path;
  }

  async smallPath(key: string): Promise<string> {
    return (await this.path(key)).replace("?", "/small?");
  }
}
