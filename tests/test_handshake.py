"""Who is let in, and what the welcome says; the exchange itself is tested in test_session."""

from __future__ import annotations

import logging

import pytest

from frametalk.config import FrametalkSettings, ServerSettings
from frametalk.errors import FrametalkError
from frametalk.handshake import FEATURES, check_hello, features, welcome
from frametalk.wire.messages import ClientInfo, Hello

CHARACTERS = ("smith", "innkeeper")
SETTINGS = FrametalkSettings(server=ServerSettings(token="s3cret"))  # noqa: S106  (a sample)


def hello(**fields: object) -> Hello:
    return Hello(**{"protocol": 1, "token": "s3cret", **fields})  # type: ignore[arg-type]


def test_the_first_character_is_the_default() -> None:
    assert check_hello(hello(), SETTINGS, CHARACTERS) == "smith"
    assert check_hello(hello(character="innkeeper"), SETTINGS, CHARACTERS) == "innkeeper"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"protocol": 2}, "protocol_version"),
        ({"token": "guess"}, "bad_token"),
        ({"required": ("resume",)}, "feature_unknown"),
        ({"character": "king"}, "character_unknown"),
    ],
)
def test_a_hello_that_does_not_fit_is_fatal(fields: dict[str, object], code: str) -> None:
    with pytest.raises(FrametalkError) as refused:
        check_hello(hello(**fields), SETTINGS, CHARACTERS)
    assert refused.value.code == code
    assert refused.value.fatal


def test_the_client_is_logged_on_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "frametalk.handshake")
    client = ClientInfo(name="tavern\nfake line", version="1.2", engine="Godot 4.6")
    check_hello(hello(client=client), SETTINGS, CHARACTERS)
    assert caplog.messages == ["client 'tavern\\nfake line', version '1.2', engine 'Godot 4.6'"]


def test_only_features_that_are_served_are_granted() -> None:
    asked = hello(features=("floor", "opus"), required=("turn_hint",))
    assert features(asked) == {"floor", "turn_hint"}
    assert welcome(asked, SETTINGS, "s-1", "smith", 22_050).features == ("floor", "turn_hint")


def test_features_that_are_specified_but_not_served_keep_their_defaults() -> None:
    answer = welcome(hello(features=("resume", "opus", "rtc")), SETTINGS, "s-1", "smith", 22_050)
    assert not FEATURES & {"resume", "opus", "rtc"}
    assert (answer.resume, answer.resumed) == ("", False)
    assert (answer.codec, answer.mic_codecs) == ("pcm16", ("pcm16",))
