import { describe, expect, it } from "vitest";
import type { AnyEvent, ChatMessage, Mark, RoomView } from "../protocol.gen";
import { CHAT_HISTORY_MAX_MESSAGES } from "../protocol.gen";
import { NO_DEVICE } from "./assist/apply";
import { applyEvent, inOrder, isLive, raisedHands, sharers } from "./room";
import { participant, roomView } from "./scripted-server";

function play(view: RoomView, ...events: readonly AnyEvent[]): RoomView {
  return events.reduce((before, event) => applyEvent(before, before.seq + 1, event), view);
}

function message(id: string): ChatMessage {
  return {
    id,
    sender_id: "a",
    sender_name: "A",
    text: id,
    sent_at_ms: 1,
    nonce: "",
    deleted: false,
    file: null,
  };
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

describe("assistance", () => {
  const mark: Mark = {
    id: "mark-0001",
    author_id: "expert",
    author_name: "Wu",
    kind: "circle",
    color: "red",
    width: 4,
    points: [10, 10, 50, 50],
    text: "",
    number: 0,
    frame: { rtp_timestamp: 7, width: 640, height: 480 },
    made_at_ms: 1,
    state: "placing",
    confirmed_at_ms: 0,
    still_id: "",
    region: null,
    earlier_at_ms: 0,
  };
  const region = { document_id: "d", page: 2, x: 0, y: 0, width: 1, height: 1 };
  const ask = { id: "ask", by: "expert", by_name: "Wu", ask: "torch", value: 1, asked_at_ms: 1 } as const;
  const device = { ...NO_DEVICE, participant_id: "phone", torch: true, has_torch: true };
  const empty = roomView([participant("phone"), participant("expert")], { assist: true });

  it("follows a mark from its drawing to its removal", () => {
    const view = play(
      empty,
      { event: "mark_placed", mark },
      { event: "mark_changed", mark_id: mark.id, text: "valve", color: "blue", number: 3, by: "expert" },
      { event: "mark_linked", mark_id: mark.id, region, by: "expert" },
      { event: "mark_state", mark_id: mark.id, state: "ok" },
      { event: "mark_confirmed", mark_id: mark.id, confirmed_at_ms: 9, by: "phone" },
      { event: "mark_still", mark_id: mark.id, still_id: "s" },
      { event: "mark_state", mark_id: "unknown", state: "ok" },
      { event: "record_changed", kind: "still", record_id: "s" },
    );
    expect(view.marks).toEqual({
      [mark.id]: {
        ...mark,
        text: "valve",
        color: "blue",
        number: 3,
        region,
        state: "ok",
        confirmed_at_ms: 9,
        still_id: "s",
      },
    });
    expect(play(view, { event: "marks_removed", mark_ids: [mark.id], by: "expert" }).marks).toEqual({});
  });

  it("keeps what the phone tells and what is asked of it until they leave", () => {
    const shown = { region, placement: "over", by: "expert" } as const;
    const view = play(
      empty,
      { event: "device_changed", device },
      { event: "device_asked", ask },
      { event: "document_shown", document: shown, by: "expert" },
      { event: "assist_role_changed", participant_id: "expert", assist_role: "observer" },
    );
    expect(view).toMatchObject({ device, asks: { ask }, document: shown });
    expect(view.participants["expert"]?.assist_role).toBe("observer");
    expect(play(view, { event: "device_answered", ask_id: "ask", accepted: true, by: "phone" }).asks).toEqual(
      {},
    );
    const left = play(view, { event: "participant_left", participant_id: "expert", reason: "left" });
    expect(left).toMatchObject({ device, asks: {} });
    const alone = play(left, { event: "participant_left", participant_id: "phone", reason: "left" });
    expect(alone.device).toEqual(NO_DEVICE);
    expect(play(view, { event: "room_ended", by: "" })).toMatchObject({ document: null, device: NO_DEVICE });
  });
});
