import type { RoomView, Want } from "../../protocol.gen";

/**
 * Whether something should be arriving: somebody else's track that is not muted and that was asked for.  `paused`: no
 * pictures come because the line carries sound only.
 */
export function isMediaAwaited(view: RoomView, me: string, wants: readonly Want[], paused: boolean): boolean {
  const wanted = new Set(wants.filter((want) => want.visible).map((want) => want.track_id));
  return Object.values(view.participants).some(
    (participant) =>
      participant.id !== me &&
      participant.tracks.some(
        ({ id, source, muted }) =>
          !muted && wanted.has(id) && !(paused && (source === "camera" || source === "screen")),
      ),
  );
}
