"""What the doctor concludes from what it sees."""

from __future__ import annotations

import pytest

from collab.doctor import findings
from collab.doctor.findings import Check, Cure, Sentence, State
from collab.doctor.sentences import _CURES, _SENTENCES, Language, in_words, language_of

LAN = ["192.168.1.10"]


@pytest.mark.parametrize(
    ("advertised", "machine", "visitor", "state", "sentence"),
    [
        (["127.0.0.1"], LAN, "127.0.0.1", State.OK, Sentence.ADDRESS_LOCAL),
        (["127.0.0.1"], LAN, "192.168.1.10", State.OK, Sentence.ADDRESS_LOCAL),
        (["127.0.0.1"], LAN, "192.168.1.77", State.FAULT, Sentence.ADDRESS_LOOPBACK),
        (["127.0.0.1"], LAN, "", State.FAULT, Sentence.ADDRESS_LOOPBACK),
        (["192.168.1.10"], LAN, "192.168.1.77", State.OK, Sentence.ADDRESS_LOCAL),
        (["192.168.1.10"], LAN, "8.8.4.4", State.FAULT, Sentence.ADDRESS_PRIVATE),
        (["9.9.9.10"], LAN, "8.8.4.4", State.WARNING, Sentence.ADDRESS_FOREIGN),
        (["192.168.1.10", "9.9.9.10"], LAN, "8.8.4.4", State.OK, Sentence.ADDRESS_LOCAL),
    ],
)
def test_media_address(
    advertised: list[str], machine: list[str], visitor: str, state: State, sentence: Sentence
) -> None:
    found = findings.media_address(advertised, 8080, machine, visitor)
    assert (found.state, found.sentence_code) == (state, sentence)
    assert found.values["media_host"] == advertised[0]
    assert found.values["media_port"] == 8080
    assert (found.cure_code is Cure.NONE) == (state is State.OK)


@pytest.mark.parametrize(
    ("secure", "host", "state"),
    [
        (True, "meet.example.org", State.OK),
        (False, "localhost:8080", State.WARNING),
        (False, "tongxin.localhost", State.WARNING),
        (False, "127.0.0.1:8080", State.WARNING),
        (False, "[::1]:8080", State.WARNING),
        (False, "192.168.1.10:8080", State.FAULT),
        (False, "localhost.example.org", State.FAULT),
    ],
)
def test_https(secure: bool, host: str, state: State) -> None:
    assert findings.https(secure, host).state is state


def test_clock() -> None:
    assert findings.clock(200).state is State.OK
    assert findings.clock(-60_000).state is State.FAULT


def test_every_code_has_words_in_both_languages() -> None:
    assert set(_SENTENCES) == set(Sentence)
    assert set(_CURES) == set(Cure)
    for english, chinese in [*_SENTENCES.values(), *_CURES.values()]:
        assert (english == "") == (chinese == "")
        assert english == english.strip()


def test_a_finding_is_said_in_the_language_of_the_shell() -> None:
    found = findings.clock(-60_000)
    assert found.name is Check.CLOCK
    assert in_words(found, Language.ENGLISH).startswith("FAIL This machine's clock differs")
    assert "校准" in in_words(found, language_of({"LANG": "zh_CN.UTF-8"}))
    assert language_of({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}) is Language.ENGLISH
    assert language_of({}) is Language.ENGLISH
