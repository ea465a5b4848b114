"""The law of the room: whatever is asked of it, everyone's copy of the view stays what the room says they may see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from rooms.core import assist_model as assist
from rooms.core import stage_model as stage
from rooms.core.codes import Code
from rooms.core.commands import (
    REACTIONS,
    Admit,
    AnswerDevice,
    AnyCommand,
    AskDevice,
    ChangeMark,
    ConfirmMark,
    DeleteChat,
    Deny,
    Disconnected,
    End,
    Join,
    LeadCamera,
    Leave,
    LinkMark,
    LowerHand,
    MuteAll,
    MuteParticipant,
    NoteRecord,
    NoteRecording,
    PauseRecording,
    PlaceMark,
    RaiseHand,
    React,
    Remove,
    RemoveMark,
    RemoveMarks,
    Rename,
    ReportMark,
    SendChat,
    SendKeys,
    SetDevice,
    SetLobby,
    SetLocked,
    SetMuted,
    SetQuality,
    SetRole,
    SetStill,
    SetTracks,
    ShowDocument,
    ShowKey,
    StageBring,
    StageCountdown,
    StageEnd,
    StageGoLive,
    StageItem,
    StageLayout,
    StageName,
    StagePage,
    StageRun,
    StageSlides,
    StartRecording,
    StopRecording,
    Tick,
)
from rooms.core.effects import Admitted, CloseConnection
from rooms.core.events_apply import apply
from rooms.core.model import (
    CHAT_HISTORY_MAX_MESSAGES,
    CHAT_TEXT_MAX_CHARS,
    NAME_MAX_CHARS,
    SEAT_KEPT_MS,
    TRACKS_PER_PARTICIPANT_MAX,
    Envelope,
    Grant,
    Phase,
    Presence,
    Quality,
    RecordingState,
    Role,
    RoomView,
    Source,
    Track,
)
from rooms.core.outcomes import DONE, Refused, TookPlace, TookSeat
from rooms.core.room import Room
from rooms.core.text import clean_name
from rooms.core.turn import Step
from tests.support.rooms import NOW_MS

IDENTITIES = [f"person-{number}" for number in range(6)]
ADDRESSES = ["", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "nonsense"]

awkward_text = st.text(st.characters(), max_size=80) | st.sampled_from(
    ["", " ", "\u202eevil", "a\u0000b", "\ud800", "Z\u0301\u0301\u0301\u0301\u0301", "x" * 5_000]
)
plain_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)

pytestmark = pytest.mark.timeout(300)  # thousands of steps, which other work on the machine may slow down


@dataclass
class Viewer:
    """What a client knows: a copy of the view, moved only by the events that reached it."""

    copy: RoomView


class Law(RuleBasedStateMachine):
    encrypted = False
    assistance = False
    livestream_id = ""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = NOW_MS
        self.room = Room.new(self.record(), self.now_ms)
        self.viewers: dict[str, Viewer] = {}
        self.waiting: set[str] = set()
        self.tokens: dict[str, tuple[str, str]] = {}  # resume token -> identity, holder
        self.removed: set[str] = set()
        self.numbers = 0

    def record(self, phase: Phase = Phase.OPEN) -> RoomView:
        view = RoomView("room", "abc-defg-hij", "Weekly", phase, encrypted=self.encrypted, assist=self.assistance)
        view.stage = stage.StageView(self.livestream_id) if self.livestream_id else None
        return view

    # -------------------------------------------------------- what a manager does with a step

    def do(self, command: AnyCommand, listens: bool = True) -> Step:
        ended_before = self.room.view.phase is Phase.ENDED
        identities = {participant.id: participant.identity for participant in self.room.view.participants.values()}
        step = self.room.handle(command, self.now_ms)
        for addressed in step.events:
            for seat_id, viewer in self.viewers.items():
                if addressed.reaches(seat_id, self.room.role_of(seat_id)):
                    assert addressed.seq > viewer.copy.seq
                    apply(viewer.copy, addressed.seq, addressed.event)
        for effect in step.effects:
            if isinstance(effect, Admitted):
                self.waiting.remove(effect.participant_id)
                self.watch(effect.participant_id)
            elif isinstance(effect, CloseConnection):
                self.viewers.pop(effect.holder_id, None)
                self.waiting.discard(effect.holder_id)
                if effect.code is Code.REMOVED and effect.holder_id in identities:
                    self.removed.add(identities[effect.holder_id])
        if isinstance(command, Leave | Disconnected) and step.outcome == DONE:
            self.viewers.pop(command.actor, None)
            self.waiting.discard(command.actor)
        if isinstance(step.outcome, TookSeat) and listens:
            self.watch(step.outcome.participant_id)
        if isinstance(step.outcome, TookPlace) and listens:
            self.waiting.add(step.outcome.entry_id)
        if isinstance(step.outcome, Refused):
            assert not step.events
            assert not step.effects
        if ended_before:
            assert not step.events
        return step

    def watch(self, seat_id: str) -> None:
        role = self.room.role_of(seat_id)
        assert role is not None
        self.viewers[seat_id] = Viewer(self.room.view.for_role(role))

    def holders(self) -> list[str]:
        return sorted({*self.viewers, *self.waiting, *self.room.view.participants, *self.room.view.lobby})

    # -------------------------------------------------------- rules

    @initialize(lobby=st.booleans())
    def begin(self, lobby: bool) -> None:
        grant = Grant("owner", "Owner", Role.HOST, assist=assist.AssistRole.EXPERT)
        self.do(Join("", grant, "owner-seat", "owner-token"))
        for name in ("member", "guest"):
            role = Role.GUEST if name == "guest" else Role.PARTICIPANT
            part = assist.AssistRole.ON_SITE if name == "guest" else assist.AssistRole.OBSERVER
            self.do(Join("", Grant(f"{name}-identity", name, role, assist=part), f"{name}-seat", f"{name}-token"))
        self.do(SetLobby("", lobby))
        self.do(Join("", Grant("late", "Late", Role.GUEST), "late-seat", "late-token"))

    @rule(
        identity=st.sampled_from(IDENTITIES),
        name=st.sampled_from(["Ann", "Bo", "Ann"]) | awkward_text,
        role=st.sampled_from([*Role, Role.PARTICIPANT, Role.GUEST, Role.GUEST, Role.GUEST]),
        address=st.sampled_from(ADDRESSES),
        hidden=st.sampled_from([False, False, False, True]),
        skip_lobby=st.sampled_from([False, False, True]),
        lifetime_ms=st.sampled_from([0, 0, 0, 0, 0, 5_000, 120_000]),
        publish=st.sampled_from([tuple(Source), (Source.MICROPHONE,), ()]),
        part=st.sampled_from([None, *assist.AssistRole]),
        data=st.data(),
    )
    def join(
        self,
        identity: str,
        name: str,
        role: Role,
        address: str,
        hidden: bool,
        skip_lobby: bool,
        lifetime_ms: int,
        publish: tuple[Source, ...],
        part: assist.AssistRole | None,
        data: st.DataObject,
    ) -> None:
        self.numbers += 1
        new_id, new_token = f"seat-{self.numbers}", f"token-{self.numbers}"
        resume = data.draw(st.sampled_from(["", "", "wrong", *self.tokens]))
        grant = Grant(
            identity,
            name,
            role,
            publish=publish,
            skip_lobby=skip_lobby,
            hidden=hidden,
            address=address,
            expires_at_ms=self.now_ms + lifetime_ms if lifetime_ms else 0,
            assist=part,
        )
        step = self.do(Join("", grant, new_id, new_token, resume))
        outcome = step.outcome
        if identity in self.removed:
            assert outcome in (Refused(Code.REMOVED), Refused(Code.INVALID), Refused(Code.ROOM_ENDED))
        if isinstance(outcome, TookSeat | TookPlace):
            holder = outcome.participant_id if isinstance(outcome, TookSeat) else outcome.entry_id
            if holder == new_id:
                self.tokens[new_token] = (identity, new_id)
            else:
                assert self.tokens[resume] == (identity, holder)

    @rule(data=st.data())
    def rejoin_taken_id(self, data: st.DataObject) -> None:
        taken = data.draw(st.sampled_from(["nobody", *self.holders()]))
        self.numbers += 1
        step = self.do(
            Join("", Grant("intruder", "Intruder", Role.HOST), taken, f"other-{self.numbers}"), listens=False
        )
        if taken != "nobody":
            assert isinstance(step.outcome, Refused)
        elif isinstance(step.outcome, TookSeat):
            self.do(Leave("nobody"))

    @rule(data=st.data(), away=st.booleans())
    def go(self, data: st.DataObject, away: bool) -> None:
        holder = data.draw(st.sampled_from(["", "nobody", *self.holders()]))
        self.do(Disconnected(holder) if away else Leave(holder))

    @rule(passed_ms=st.sampled_from([-10_000, 0, 1, 1_000, 5_000, SEAT_KEPT_MS // 2, SEAT_KEPT_MS - 1, SEAT_KEPT_MS]))
    def time_passes(self, passed_ms: int) -> None:
        self.now_ms += passed_ms
        self.do(Tick(""))

    @rule(data=st.data())
    def do_anything(self, data: st.DataObject) -> None:
        someone = st.sampled_from(["", "nobody", "\ud800", *self.holders()])
        texts = awkward_text | plain_text
        self.do(data.draw(commands(someone, someone, texts, self.room.view)))

    @rule(data=st.data())
    def do_something_sensible(self, data: st.DataObject) -> None:
        seats = sorted(self.room.view.participants) or [""]
        targets = st.sampled_from([*seats, *self.room.view.lobby])
        self.do(data.draw(commands(st.sampled_from(seats), targets, plain_text, self.room.view)))

    @precondition(lambda self: self.room.view.lobby)
    @rule(data=st.data(), admitted=st.booleans(), everyone=st.booleans())
    def answer_the_lobby(self, data: st.DataObject, admitted: bool, everyone: bool) -> None:
        entry_id = "" if everyone else data.draw(st.sampled_from(sorted(self.room.view.lobby)))
        self.do(Admit("", entry_id) if admitted else Deny("", entry_id))

    @rule(data=st.data())
    def remove_somebody(self, data: st.DataObject) -> None:
        visible = sorted(set(self.room.view.participants) - {"owner-seat"})
        if visible:
            self.do(Remove("", data.draw(st.sampled_from(visible))))

    @rule(data=st.data(), role=st.sampled_from(Role))
    def give_somebody_a_role(self, data: st.DataObject, role: Role) -> None:
        visible = sorted(self.room.view.participants)
        if visible:
            self.do(SetRole("", data.draw(st.sampled_from(visible)), role))

    @rule(enabled=st.booleans())
    def switch_the_lobby(self, enabled: bool) -> None:
        self.do(SetLobby("", enabled))

    @rule(data=st.data(), text=awkward_text)
    def chat(self, data: st.DataObject, text: str) -> None:
        self.numbers += 1
        actor = data.draw(st.sampled_from(["owner-seat", *self.room.view.participants]))
        self.do(SendChat(actor, text, f"n{self.numbers}", f"m{self.numbers}"))

    @precondition(lambda self: self.numbers > 12)
    @rule(
        actor=st.sampled_from(["owner-seat", "owner-seat", "", "seat-1", "seat-2"]),
        certain=st.sampled_from([False] * 7 + [True]),
    )
    def end(self, actor: str, certain: bool) -> None:
        if certain:
            self.do(End(actor))

    @rule()
    def move_to_another_node(self) -> None:
        self.room = Room.restore(self.room.dump(), self.record(self.room.view.phase), self.now_ms)
        self.viewers.clear()
        self.waiting.clear()
        for participant in self.room.view.participants.values():
            assert participant.presence is Presence.AWAY
            assert participant.tracks == ()

    # -------------------------------------------------------- the law

    @invariant()
    def every_copy_is_what_may_be_seen(self) -> None:
        for seat_id, viewer in self.viewers.items():
            role = self.room.role_of(seat_id)
            assert role is not None, "a viewer without a seat was not let go"
            expected = self.room.view.for_role(role)
            assert viewer.copy.seq <= expected.seq
            assert replace(viewer.copy, seq=0) == replace(expected, seq=0)

    @invariant()
    def who_waits_is_no_viewer(self) -> None:
        assert not self.waiting & set(self.viewers)
        assert self.waiting <= set(self.room.view.lobby)

    @invariant()
    def bounds_hold(self) -> None:
        view = self.room.view
        assert not set(view.participants) & set(view.lobby)
        assert len(view.chat) <= CHAT_HISTORY_MAX_MESSAGES
        for participant in view.participants.values():
            assert participant.id in view.participants
            assert 0 < len(participant.name) <= NAME_MAX_CHARS
            assert clean_name(participant.name) == participant.name
            assert len(participant.tracks) <= TRACKS_PER_PARTICIPANT_MAX
        assert len(view.asks) <= assist.ASKS_MAX
        lead = view.participants.get(view.device.participant_id)
        assert view.device.participant_id == "" or (lead and lead.assist_role is assist.AssistRole.ON_SITE)
        assert self.assistance or not (view.marks or view.asks or view.document)
        if view.stage is not None:
            people = set(view.participants)
            assert set(view.stage.on_stage) | set(view.stage.names) <= people
            assert len(view.stage.on_stage) == len(set(view.stage.on_stage)) <= stage.ON_STAGE_MAX
            assert view.stage.focus in ("", *view.stage.on_stage)
            assert view.stage.slides is None or view.stage.slides.by in people
            assert len(view.stage.run) <= stage.RUN_ITEMS_MAX
            assert len(stage.positions(stage.staging_of(view.stage), lambda _: True)) <= stage.ON_STAGE_MAX
        assert bool(self.livestream_id) is (view.stage is not None)
        for mark in view.marks.values():
            assert len(mark.points) <= 2 * assist.MARK_POINTS_MAX
            assert 0 <= min(mark.points) <= max(mark.points) <= assist.FRAME_SIDE_MAX
        for message in view.chat:
            assert len(message.text) <= CHAT_TEXT_MAX_CHARS
            message.text.encode()

    @invariant()
    def who_was_removed_is_not_here(self) -> None:
        assert not self.removed & self.room.identities

    @invariant()
    def an_ended_room_is_empty(self) -> None:
        if self.room.view.phase is Phase.ENDED:
            assert self.room.empty
            assert not self.viewers
            assert not self.waiting

    @invariant()
    def the_whole_state_survives_the_store(self) -> None:
        dumped = self.room.dump()
        assert self.room.view.phase is Phase.OPEN or Room.restore(dumped, self.room.view, self.now_ms).empty


def commands(
    actors: st.SearchStrategy[str], targets: st.SearchStrategy[str], texts: st.SearchStrategy[str], view: RoomView
) -> st.SearchStrategy[AnyCommand]:
    """Any command but Join, Leave, Disconnected and End."""
    message_ids = st.sampled_from(["", "none", *(message.id for message in view.chat)]) | texts
    track_ids = st.sampled_from(["t1", "t2", "t3"]) | texts
    codecs = st.sampled_from(["opus", "VP8", ""])
    sealed = st.just("s" * 80) | texts
    track = st.builds(Track, track_ids, st.sampled_from(Source), codecs, st.booleans())
    return one_of_lazily(
        lambda: st.builds(Rename, actors, texts),
        lambda: st.builds(SetTracks, actors, st.lists(track, max_size=4).map(tuple)),
        lambda: st.builds(SetMuted, actors, track_ids, st.booleans()),
        lambda: st.builds(RaiseHand, actors, st.booleans()),
        lambda: st.builds(React, actors, st.sampled_from(REACTIONS) | texts),
        lambda: st.builds(SetQuality, actors, st.sampled_from(Quality), st.sampled_from(["", "delay"]) | texts),
        lambda: st.builds(SendChat, actors, texts, st.sampled_from(["n1", "n2"]) | texts, message_ids),
        lambda: st.builds(DeleteChat, actors, message_ids),
        lambda: st.builds(ShowKey, actors, st.sampled_from(["B" + "a" * 86, "B" + "b" * 86]) | texts),
        lambda: st.builds(SendKeys, actors, st.lists(st.builds(Envelope, targets, sealed), max_size=3).map(tuple)),
        lambda: st.builds(MuteParticipant, actors, targets, st.sampled_from(Source)),
        lambda: st.builds(MuteAll, actors),
        lambda: st.builds(LowerHand, actors, targets),
        lambda: st.builds(Remove, actors, targets),
        lambda: st.builds(SetRole, actors, targets, st.sampled_from(Role)),
        lambda: st.builds(SetLocked, actors, st.booleans()),
        lambda: st.builds(SetLobby, actors, st.booleans()),
        lambda: st.builds(Admit, actors, targets),
        lambda: st.builds(Deny, actors, targets),
        lambda: st.builds(Tick, actors),
        lambda: st.builds(StartRecording, actors, st.just("0" * 26) | texts),
        lambda: st.builds(PauseRecording, actors, st.booleans()),
        lambda: st.builds(StopRecording, actors),
        lambda: st.builds(NoteRecording, actors, st.just("0" * 26) | texts, st.sampled_from(RecordingState)),
        lambda: assist_commands(actors, texts, view),
        lambda: stage_commands(actors, targets, texts),
    )


def assist_commands(
    actors: st.SearchStrategy[str], texts: st.SearchStrategy[str], view: RoomView
) -> st.SearchStrategy[AnyCommand]:
    mark_ids = st.sampled_from(["mark-one", "mark-two", "mark-three", *view.marks]) | texts
    sizes = st.sampled_from([640, 480, 1, 0, -1, 9_000])
    frames = st.builds(assist.FrameRef, st.sampled_from([0, 7, 2**32 - 1, 2**32, -1]), sizes, sizes)
    number = st.integers(-1, 640) | st.floats()
    points = st.lists(number, max_size=6).map(tuple) | st.just((1.0, 2.0, 300.25, 200.0))
    shares = st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats()
    regions = st.builds(
        assist.DocumentRegion, texts, st.sampled_from([1, 2, 0, 99_999]), shares, shares, shares, shares
    )
    documents = st.builds(assist.ShownDocument, regions, st.sampled_from(assist.Placement), actors)
    frame = st.just(assist.FrameRef(9, 640, 480)) | frames
    colors, kinds = st.sampled_from(assist.MarkColor), st.sampled_from(assist.MarkKind)
    widths, numbers = st.sampled_from([4.0, 24.0]) | st.floats(), st.sampled_from([0, 1, 999, 1_000])
    zooms = st.sampled_from([1.0, 2.0, 4.0]) | st.floats()
    devices = st.builds(assist.Device, texts, zoom=zooms, zoom_min=zooms, zoom_max=zooms, torch=st.booleans())
    earlier = st.none() | st.builds(assist.Earlier, texts, st.sampled_from([1, 0, 2**53]))
    targets = st.sampled_from(["", "nobody", *sorted(view.participants)])
    ask_ids = st.sampled_from(["ask-1", "ask-2", *view.asks]) | texts
    asks = st.sampled_from(assist.AskKind)
    return one_of_lazily(
        lambda: st.builds(PlaceMark, actors, mark_ids, kinds, colors, widths, points, texts, numbers, frame),
        lambda: st.builds(PlaceMark, actors, mark_ids, kinds, colors, widths, points, texts, numbers, frame, earlier),
        lambda: st.builds(LeadCamera, actors, targets),
        lambda: st.builds(ChangeMark, actors, mark_ids, texts, colors, numbers),
        lambda: st.builds(LinkMark, actors, mark_ids, st.none() | regions),
        lambda: st.builds(RemoveMark, actors, mark_ids),
        lambda: st.builds(RemoveMarks, actors, st.booleans()),
        lambda: st.builds(ReportMark, actors, mark_ids, st.sampled_from(assist.MarkState)),
        lambda: st.builds(ConfirmMark, actors, mark_ids, st.booleans()),
        lambda: st.builds(SetStill, actors, mark_ids, texts),
        lambda: st.builds(SetDevice, actors, devices),
        lambda: st.builds(AskDevice, actors, ask_ids, asks, st.sampled_from([0.0, 1.0, 3.0]) | st.floats()),
        lambda: st.builds(AnswerDevice, actors, ask_ids, st.booleans()),
        lambda: st.builds(ShowDocument, actors, st.none() | documents),
        lambda: st.builds(NoteRecord, actors, st.sampled_from(assist.RecordKind), texts),
    )


def stage_commands(
    actors: st.SearchStrategy[str], targets: st.SearchStrategy[str], texts: st.SearchStrategy[str]
) -> st.SearchStrategy[AnyCommand]:
    pages, times = st.sampled_from([1, 2, 9, 0, -1, 5_000]), st.sampled_from([0, 1_000, -1])
    kinds = st.sampled_from(stage.SlidesKind)
    slides = st.builds(stage.Slides, texts, kinds, texts, pages, pages, st.booleans(), times, times, times)
    item_ids = st.sampled_from(["item-0001", "item-0002"]) | texts
    items = st.lists(st.builds(stage.RunItem, item_ids, texts, texts, pages), max_size=3).map(tuple)
    return one_of_lazily(
        lambda: st.builds(StageGoLive, actors),
        lambda: st.builds(StageEnd, actors),
        lambda: st.builds(StageBring, actors, targets, st.sampled_from([True, True, False])),
        lambda: st.builds(StageLayout, actors, st.sampled_from(stage.Layout), st.just("") | targets),
        lambda: st.builds(StageName, actors, targets, texts, texts, st.booleans()),
        lambda: st.builds(StageSlides, actors, st.none() | slides),
        lambda: st.builds(StagePage, actors, pages),
        lambda: st.builds(StageRun, actors, items),
        lambda: st.builds(StageItem, actors, st.just("") | item_ids),
        lambda: st.builds(StageCountdown, actors, st.sampled_from([0, 60, -1, 10**6])),
    )


def one_of_lazily(*makers: Callable[[], st.SearchStrategy[AnyCommand]]) -> st.SearchStrategy[AnyCommand]:
    """As st.one_of, but only the one that is drawn is built: building all of them takes longer than the room does."""
    return st.integers(0, len(makers) - 1).flatmap(lambda place: makers[place]())


class EncryptedLaw(Law):
    encrypted = True


class AssistLaw(Law):
    assistance = True

    @rule(data=st.data())
    def assist_each_other(self, data: st.DataObject) -> None:
        seats = sorted(self.room.view.participants) or [""]
        for _ in range(3):
            self.do(data.draw(assist_commands(st.sampled_from(seats), plain_text, self.room.view)))


class StageLaw(Law):
    livestream_id = "L" * 26

    @rule(data=st.data())
    def play(self, data: st.DataObject) -> None:
        seats = sorted(self.room.view.participants) or [""]
        for _ in range(3):
            actors = st.sampled_from(["owner-seat", *seats])
            self.do(data.draw(stage_commands(actors, st.sampled_from(seats), plain_text)))

    @rule()
    def everybody_is_away_for_long(self) -> None:
        self.now_ms += 6 * 60_000
        self.do(Tick(""))


TestLaw = Law.TestCase
TestEncryptedLaw = EncryptedLaw.TestCase
TestAssistLaw = AssistLaw.TestCase
TestStageLaw = StageLaw.TestCase
TestLaw.settings = TestEncryptedLaw.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAssistLaw.settings = TestStageLaw.settings = settings(TestLaw.settings, max_examples=60)
