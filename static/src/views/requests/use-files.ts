import { useEffect, useMemo, useRef, useState } from "react";
import type { RequestFile } from "../../state/requests/shapes";
import { Uploads } from "../../state/requests/uploads";
import { uploading } from "../../state/uploading";
import type { FilesAtHand } from "./form/files-input";
import type { AtHand } from "./at-hand";

export interface RequestFiles {
  readonly at: FilesAtHand;
  readonly canBring: boolean;
}

/** The files of a request that was filed, and those on their way to it. */
export function useFiles({ card, requests, onStale }: AtHand): RequestFiles {
  const { id, state, internal, actions } = card.request;
  const stale = useRef(onStale);
  useEffect(() => {
    stale.current = onStale;
  });
  const [uploads] = useState(
    () =>
      new Uploads(
        requests,
        () => Promise.resolve(id),
        (onSent) => uploading(onSent),
        () => stale.current(),
      ),
  );
  const isClosed = state === "done" || state === "decided" || state === "withdrawn";
  // Those of the company who only look on may add nothing: withdrawing is what the requester's side may always do.
  const canBring = internal || (!isClosed && actions.includes("withdraw"));
  const canRemove = internal ? !isClosed : state === "needs_information";
  return useMemo(
    () => ({
      canBring,
      at: {
        kept: card.files.map((file) => ({ ...file, mine: file.mine && canRemove })),
        uploads,
        onRemove: (file: RequestFile) =>
          void requests.removeFile(id, file.key).then(
            () => stale.current(),
            () => stale.current(),
          ),
      },
    }),
    [canBring, canRemove, card.files, uploads, requests, id],
  );
}
