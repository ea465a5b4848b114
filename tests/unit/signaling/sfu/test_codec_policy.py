from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signaling.sfu.codec_policy import BACKUP_LINGER_MS, RETURN_MS, TURNS_APART_MS, Abilities, Decision, SourceCodecs
from signaling.webrtc.codecs import Codec

VP8, H264, VP9, AV1 = Codec.VP8, Codec.H264, Codec.VP9, Codec.AV1
ALL: Abilities = frozenset({VP8, H264, VP9, AV1})
ONLY_VP8, ONLY_H264 = frozenset({VP8}), frozenset({H264})
NO_H264 = ALL - {H264}


def camera(*codecs: Codec, backs_up: bool = True) -> SourceCodecs:
    return SourceCodecs(codecs or (VP8, H264), backs_up)


def test_the_best_codec_stays_while_all_who_watch_can_decode_it() -> None:
    source = camera()
    assert source.decide([ALL, ONLY_VP8], [ALL, ONLY_VP8, ONLY_H264], 0) == Decision(VP8)
    assert source.next_ms(0) is None


def test_one_who_can_decode_only_the_other_turns_it_when_all_can() -> None:
    source = camera()
    assert source.decide([ALL, ONLY_H264], [ALL, ONLY_H264], 0) == Decision(H264)
    # and nothing changes when that guest leaves and comes back
    assert source.decide([ALL], [ALL], 1_000_000) == Decision(H264)
    assert source.decide([ALL, ONLY_H264], [ALL, ONLY_H264], 2_000_000) == Decision(H264)


def test_where_no_codec_suits_all_the_few_get_a_backup_while_they_watch() -> None:
    source = camera()
    present = [ALL, NO_H264, ONLY_H264]
    assert source.decide(present, present, 0) == Decision(VP8, H264)
    assert source.serves(ONLY_H264)
    # the guest looks elsewhere: after a while it is not sent any more
    assert source.decide([ALL, NO_H264], present, 1_000) == Decision(VP8, H264)
    due_ms = source.next_ms(1_000)
    assert due_ms == 1_000 + BACKUP_LINGER_MS
    assert source.decide([ALL, NO_H264], present, due_ms) == Decision(VP8)
    assert source.next_ms(due_ms) is None


def test_soon_after_a_change_a_backup_serves_and_then_the_change_is_made() -> None:
    source = camera()
    source.decide([ONLY_H264], [ONLY_H264], 0)
    assert source.decide([NO_H264], [NO_H264], 1_000) == Decision(H264, VP8)
    due_ms = source.next_ms(1_000)
    assert due_ms == TURNS_APART_MS
    assert source.decide([NO_H264], [NO_H264], due_ms) == Decision(VP8)


def test_a_publisher_that_cannot_change_serves_whom_it_can() -> None:
    source = camera(H264, backs_up=False)
    present = [ALL, frozenset[Codec]()]
    assert source.decide(present, present, 0) == Decision(H264)
    assert not source.serves(frozenset())


def test_layers_are_not_given_up_for_a_few() -> None:
    source = camera(VP9, VP8, H264)
    many = [ALL] * 8
    assert source.decide([*many, ONLY_H264], [*many, ONLY_H264], 0) == Decision(VP9, H264)
    assert source.decide([ALL, ONLY_H264], [ALL, ONLY_H264], 10) == Decision(H264, None)


def test_layers_come_back_after_a_while_without_those_who_cannot_decode_them() -> None:
    source = camera(VP9, VP8, H264)
    source.decide([ONLY_VP8], [ONLY_VP8], 0)
    assert source.decide([ALL], [ALL], 40_000) == Decision(VP8)
    assert source.next_ms(40_000) == 40_000 + RETURN_MS
    assert source.decide([ALL], [ALL, ONLY_VP8], 50_000) == Decision(VP8)  # one came: the time begins anew
    assert source.decide([ALL], [ALL], 60_000) == Decision(VP8)
    assert source.decide([ALL], [ALL], 60_000 + RETURN_MS) == Decision(VP9)


def test_a_backup_changes_only_for_more() -> None:
    source = camera(AV1, VP8, H264)
    av1 = [frozenset({AV1})] * 20
    assert source.decide([*av1, ONLY_H264], [*av1, ONLY_H264], 0) == Decision(AV1, H264)
    both = [*av1, ONLY_H264, ONLY_VP8]
    assert source.decide(both, both, 10) == Decision(AV1, H264)
    more = [*both, ONLY_VP8]
    assert source.decide(more, more, 20) == Decision(AV1, VP8)


abilities = st.frozensets(st.sampled_from([VP8, H264, VP9, AV1]), min_size=0, max_size=4)
people = st.lists(abilities, max_size=8)


@given(
    st.permutations([VP8, H264, VP9, AV1]).flatmap(lambda order: st.integers(1, 4).map(lambda count: order[:count])),
    st.booleans(),
    st.lists(st.tuples(people, people, st.integers(0, 40_000)), min_size=1, max_size=20),
)
def test_laws(codecs: list[Codec], backs_up: bool, steps: list[tuple[list[Abilities], list[Abilities], int]]) -> None:
    source = SourceCodecs(codecs, backs_up)
    now_ms, made = 0, [source.decision]
    turned_at: list[int] = []
    for watching, others, wait_ms in steps:
        now_ms += wait_ms
        present = watching + others
        before = source.decision
        after = source.decide(watching, present, now_ms)
        made.append(after)
        assert after.codec in codecs
        assert after.backup is None or (backs_up and after.backup in codecs and after.backup is not after.codec)
        if after.codec is not before.codec:
            turned_at.append(now_ms)
            assert all(after.codec in one for one in present)
        served = [source.serves(one) for one in watching]
        if backs_up and len({one & frozenset(codecs) for one in watching}) <= 1:
            # people of one kind all see something, if there is anything that they can decode
            assert all(served) or not any(one & frozenset(codecs) for one in watching)
        # the same question at the same time has the same answer
        assert source.decide(watching, present, now_ms) == after
        due_ms = source.next_ms(now_ms)
        assert due_ms is None or due_ms > now_ms
    assert all(later - earlier >= TURNS_APART_MS for earlier, later in pairwise(turned_at))
