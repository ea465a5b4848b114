import { describe, expect, it } from "vitest";
import type { AnyEvent, ChatMessage, RoomView } from "../protocol.gen";
import { CHAT_HISTORY_MAX_MESSAGES } from "../protocol.gen";
import { applyEvent, inOrder, isLive, raisedHands, sharers } from "./room";
import { participant, roomView } from "./scripted-server";

function play(view: RoomView, ...events: readonly AnyEvent[]): RoomView {
  return events.reduce((before, event) => applyEvent(before, before.seq + 1, event), view);
}

function message(id: string): ChatMessage {
  return { id, sender_id: "a", sender_name: "A", text: id, sent_at_ms: 1, nonce: "", deleted: false };
}

const track = { id: "t1", source: "camera", codec: "VP8", muted: false } as const;

describe("applying events", () => {
  it("follows a meeting from empty to ended", () => {
    const view = play(
      roomView([]),
      { event: "participant_joined", participant: participant("a", { joined_at_ms: 1 }) },
      { event: "participant_joined", participant: participant("b", { joined_at_ms: 2 }) },
      { event: "tracks_changed", participant_id: "a", tracks: [track] },
      { event: "track_muted", participant_id: "a", track_id: "t1", muted: true, by: "b" },
      { event: "hand_raised", participant_id: "b", raised_at_ms: 7, by: "b" },
      { event: "participant_renamed", participant_id: "b", name: "王小明" },
      { event: "role_changed", participant_id: "b", role: "co_host", by: "a" },
      { event: "presence_changed", participant_id: "a", presence: "away" },
      { event: "quality_changed", participant_id: "a", quality: "weak", cause: "uplink_loss" },
      { event: "lock_changed", locked: true, by: "a" },
      { event: "lobby_changed", enabled: true, by: "a" },
    );
    expect(view.participants["a"]).toMatchObject({
      presence: "away",
      quality: "weak",
      quality_cause: "uplink_loss",
      tracks: [{ ...track, muted: true }],
    });
    expect(view.participants["b"]).toMatchObject({ name: "王小明", role: "co_host", hand_raised_at_ms: 7 });
    expect(view).toMatchObject({ locked: true, lobby_enabled: true, seq: 21 });
    const ended = play(view, { event: "room_ended", by: "a" });
    expect(ended).toMatchObject({ phase: "ended", participants: {}, lobby: {} });
  });

  it("keeps the lobby as moderators see it", () => {
    const entry = {
      id: "e1",
      name: "Zhao",
      organization: "",
      role: "guest",
      asked_at_ms: 1,
      note: "",
    } as const;
    const view = play(roomView([]), { event: "lobby_asked", entry });
    expect(Object.keys(view.lobby)).toEqual(["e1"]);
    expect(play(view, { event: "lobby_left", entry_id: "e1" }).lobby).toEqual({});
    expect(play(view, { event: "lobby_listed", entries: [] }).lobby).toEqual({});
  });

  it("keeps as much chat as the server and empties what was deleted", () => {
    let view = roomView([]);
    for (let index = 0; index < CHAT_HISTORY_MAX_MESSAGES + 5; index += 1)
      view = play(view, { event: "chat_sent", message: message(`m${index}`) });
    expect(view.chat).toHaveLength(CHAT_HISTORY_MAX_MESSAGES);
    expect(view.chat[0]?.id).toBe("m5");
    view = play(view, { event: "chat_deleted", message_id: "m7", by: "a" });
    expect(view.chat[2]).toMatchObject({ id: "m7", text: "", deleted: true });
  });

  it("ignores what it has seen and survives what it does not know", () => {
    const view = roomView([participant("a")]);
    expect(applyEvent(view, view.seq, { event: "lock_changed", locked: true, by: "a" })).toBe(view);
    const next = play(view, {
      event: "track_muted",
      participant_id: "ghost",
      track_id: "t",
      muted: true,
      by: "",
    });
    expect(next.participants).toEqual(view.participants);
    expect(next.seq).toBe(view.seq + 1);
  });

  it("never changes a view that somebody still looks at", () => {
    const view = roomView([participant("a")]);
    const copy = structuredClone(view);
    play(
      view,
      { event: "participant_left", participant_id: "a", reason: "left" },
      { event: "chat_sent", message: message("m") },
    );
    expect(view).toEqual(copy);
  });
});

describe("reading a view", () => {
  const view = roomView([
    participant("late", { joined_at_ms: 5, hand_raised_at_ms: 3 }),
    participant("early", { joined_at_ms: 1, hand_raised_at_ms: 9 }),
    participant("sharing", {
      joined_at_ms: 2,
      tracks: [{ id: "s", source: "screen", codec: "VP8", muted: false }],
    }),
  ]);

  it("orders people by arrival and hands by time", () => {
    expect(inOrder(view).map((p) => p.id)).toEqual(["early", "sharing", "late"]);
    expect(raisedHands(view).map((p) => p.id)).toEqual(["late", "early"]);
  });

  it("knows who shares, and that a muted track is not live", () => {
    expect(sharers(view).map((p) => p.id)).toEqual(["sharing"]);
    const muted = play(view, {
      event: "track_muted",
      participant_id: "sharing",
      track_id: "s",
      muted: true,
      by: "",
    });
    expect(isLive(muted.participants["sharing"], "screen")).toBe(false);
  });
});
