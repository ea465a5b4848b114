import { ApiError, type Fetch } from "../api";
import { newKey } from "../new-key";
import { UploadQueue, type Upload as AnyUpload } from "../upload-queue";
import type { FilePlace, Requests } from "./requests";
import type { RequestFile } from "./shapes";

export interface Upload extends AnyUpload {
  readonly place: FilePlace;
}

/** Files on their way to a request. */
export class Uploads extends UploadQueue<Upload> {
  constructor(
    requests: Pick<Requests, "putFile">,
    /** The request that they belong to; made first where there is none yet. */
    requestId: () => Promise<string>,
    sending: (onSent: (share: number) => void) => Fetch,
    onKept: (file: RequestFile) => void,
  ) {
    super(
      async ({ key, place, name }, file, by) => {
        onKept(await requests.putFile(await requestId(), key, place, name, file, by));
      },
      sending,
      (cause) => (cause instanceof ApiError ? cause.code : "internal"),
    );
  }

  add(files: readonly File[], place: FilePlace): void {
    this.put(
      files.map((file) => ({
        file,
        upload: { key: newKey(), place, name: file.name, state: "waiting", share: 0, code: "" },
      })),
    );
  }
}
