"""Who is let in, and what the welcome says; the exchange itself is tested in test_session."""

from __future__ import annotations

import logging
from typing import Any, Literal

import pytest

from frametalk import media_loader
from frametalk.adapters.asr.fixed import FixedRecogniser
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.config import CharacterSettings, FrametalkSettings, ServerSettings, WebRtcSettings
from frametalk.errors import FrametalkError
from frametalk.handshake import (
    Languages,
    check_hello,
    check_protocol,
    choose_languages,
    client_kind,
    features,
    welcome,
)
from frametalk.privacy import Terms
from frametalk.tokens import Grant
from frametalk.wire.messages import ClientInfo, Hello

CHARACTERS = ("smith", "innkeeper")
SETTINGS = FrametalkSettings(server=ServerSettings(token="s3cret"))  # noqa: S106  (a sample)

ENGLISH = Languages("en", "en", "en")


def hello(**fields: object) -> Hello:
    return Hello(**{"protocol": 1, "token": "s3cret", **fields})  # type: ignore[arg-type]


def test_the_first_character_is_the_default() -> None:
    assert check_hello(hello(), SETTINGS, CHARACTERS, Grant()) == "smith"
    assert check_hello(hello(character="innkeeper"), SETTINGS, CHARACTERS, Grant()) == "innkeeper"


def test_a_token_may_allow_some_characters_only() -> None:
    innkeeper = Grant(characters=frozenset({"innkeeper", "king"}))
    assert check_hello(hello(), SETTINGS, CHARACTERS, innkeeper) == "innkeeper"
    for grant, asked in ((innkeeper, "smith"), (Grant(characters=frozenset()), "")):
        with pytest.raises(FrametalkError) as refused:
            check_hello(hello(character=asked), SETTINGS, CHARACTERS, grant)
        assert refused.value.code == "bad_token"


def test_a_version_of_the_protocol_that_is_not_served_is_fatal() -> None:
    check_protocol(hello())
    with pytest.raises(FrametalkError) as refused:
        check_protocol(hello(protocol=2))
    assert (refused.value.code, refused.value.fatal) == ("protocol_version", True)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"required": ("later",)}, "feature_unknown"),
        ({"character": "king"}, "character_unknown"),
    ],
)
def test_a_hello_that_does_not_fit_is_fatal(fields: dict[str, object], code: str) -> None:
    with pytest.raises(FrametalkError) as refused:
        check_hello(hello(**fields), SETTINGS, CHARACTERS, Grant())
    assert refused.value.code == code
    assert refused.value.fatal


def test_the_client_is_logged_on_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "frametalk.handshake")
    client = ClientInfo(name="tavern\nfake line", version="1.2", engine="Godot 4.6")
    check_hello(hello(client=client), SETTINGS, CHARACTERS, Grant())
    assert caplog.messages == ["client 'tavern\\nfake line', version '1.2', engine 'Godot 4.6'"]


@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        ("Godot 4.6.3", "godot"),
        ("unity 2022.3.1f1", "unity"),
        ("browser", "browser"),
        ("", "other"),
        ("my own engine, which has a long name", "other"),
    ],
)
def test_a_kind_of_client_is_one_of_a_few(engine: str, kind: str) -> None:
    assert client_kind(ClientInfo(engine=engine)) == kind


@pytest.mark.parametrize("frame_ms", [20, 40])
def test_clients_are_told_how_long_microphone_frames_should_be(frame_ms: Literal[20, 40]) -> None:
    settings = FrametalkSettings(server=ServerSettings(mic_frame_ms=frame_ms))
    answer = welcome(hello(), settings, "s-1", "smith", 22_050, ENGLISH, terms=Terms())
    assert answer.limits.mic_frame_ms == frame_ms


def test_only_features_that_are_served_are_granted() -> None:
    asked = hello(features=("floor", "later"), required=("turn_hint",))
    assert features(asked, SETTINGS) == {"floor", "turn_hint"}
    answer = welcome(asked, SETTINGS, "s-1", "smith", 22_050, ENGLISH, terms=Terms())
    assert answer.features == ("floor", "turn_hint")


@pytest.mark.parametrize(
    ("fields", "codec", "mic_codecs"),
    [
        ({}, "pcm16", ("pcm16",)),
        ({"speech_codecs": ("opus",)}, "pcm16", ("pcm16",)),
        ({"features": ("opus",)}, "pcm16", ("pcm16", "opus")),
        ({"features": ("opus",), "speech_codecs": ("opus", "pcm16")}, "opus", ("pcm16", "opus")),
        ({"required": ("opus",), "speech_codecs": ("pcm16", "opus")}, "pcm16", ("pcm16", "opus")),
        ({"features": ("opus",), "speech_codecs": ()}, "pcm16", ("pcm16", "opus")),
    ],
)
def test_a_client_chooses_the_codec_of_each_direction(
    fields: dict[str, Any], codec: str, mic_codecs: tuple[str, ...]
) -> None:
    answer = welcome(hello(**fields), SETTINGS, "s-1", "smith", 22_050, ENGLISH, terms=Terms())
    assert (answer.codec, answer.mic_codecs) == (codec, mic_codecs)
    assert answer.rate_hz == (48_000 if codec == "opus" else 22_050)


def test_without_the_library_there_is_no_opus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frametalk.transports.opus.find_spec", lambda _name: None)
    asked = hello(features=("opus",), speech_codecs=("opus",))
    assert welcome(asked, SETTINGS, "s-1", "smith", 22_050, ENGLISH, terms=Terms()).codec == "pcm16"
    with pytest.raises(FrametalkError) as refused:
        check_hello(hello(required=("opus",)), SETTINGS, CHARACTERS, Grant())
    assert refused.value.code == "feature_unknown"


def test_a_peer_connection_is_granted_where_it_is_installed_and_not_switched_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn = WebRtcSettings(ice_servers=("turn:turn.example",), turn_secret="s3cret")  # noqa: S106
    off = FrametalkSettings(webrtc=WebRtcSettings(enabled=False))
    asked = hello(features=("rtc",))
    answer = welcome(
        asked, FrametalkSettings(webrtc=turn), "s-1", "smith", 22_050, ENGLISH, terms=Terms()
    )
    assert answer.features == ("rtc",)
    assert answer.ice_servers[0].username.endswith(":s-1")
    assert (
        welcome(
            hello(), FrametalkSettings(webrtc=turn), "s", "smith", 1, ENGLISH, terms=Terms()
        ).ice_servers
        == ()
    )
    assert features(asked, off) == set()
    monkeypatch.setattr(media_loader, "is_installed", lambda: False)
    assert features(asked, media_loader.possible(SETTINGS)) == set()


# ---- languages -----------------------------------------------------------------------------------


class Polyglot(FixedVoice):
    """A voice with some of espeak-ng's languages, and a German one by name."""

    def languages(self, voice: str) -> tuple[str, ...]:
        return ("de-DE",) if voice == "anna" else ("cmn", "de", "en-gb", "en-us", "nb", "pt-br")


class English(FixedRecogniser):
    languages = ("en",)


def chosen(tag: str, settings: FrametalkSettings = SETTINGS) -> Languages:
    return choose_languages(hello(language=tag), settings, "smith", Polyglot(), English())


def test_the_engines_nearest_languages_are_chosen_and_welcomed() -> None:
    languages = chosen("en_AU")
    assert languages == Languages("en-AU", "en-gb", "en")
    answer = welcome(hello(), SETTINGS, "s-1", "smith", 22_050, languages, terms=Terms())
    assert (answer.language, answer.mic_language) == ("en-gb", "en")


def test_no_language_is_english() -> None:
    assert chosen("") == chosen("en") == Languages("en", "en-us", "en")


def test_without_english_no_language_is_the_voices_own() -> None:
    class German(Polyglot):
        def languages(self, voice: str) -> tuple[str, ...]:
            return ("de-DE",)

    found = choose_languages(hello(), SETTINGS, "smith", German(), English())
    assert found == Languages("de-DE", "de-DE", "en")


def test_a_recogniser_without_the_language_listens_in_its_own() -> None:
    assert chosen("zh-CN") == Languages("zh-CN", "cmn", "en")


def test_engines_that_list_no_languages_take_any() -> None:
    asked = hello(language="tlh_KX")
    found = choose_languages(asked, SETTINGS, "smith", FixedVoice(), FixedRecogniser())
    assert found == Languages("tlh-KX", "tlh-KX", "tlh-KX")


def test_the_voice_of_a_character_decides() -> None:
    settings = FrametalkSettings(character=CharacterSettings(voice="anna"))
    assert chosen("de-AT", settings).voice == "de-DE"
    with pytest.raises(FrametalkError, match="does not speak 'en'"):
        chosen("en", settings)


@pytest.mark.parametrize("tag", ["fr-FR", "xx", "klingon", "C", "e", "de-", "\0"])
def test_a_language_that_is_not_served_is_refused_with_those_that_are(tag: str) -> None:
    with pytest.raises(FrametalkError) as refused:
        chosen(tag)
    error = refused.value
    assert (error.code, error.ref, error.fatal) == ("language_unknown", "hello", True)
    assert "cmn, de, en-gb, en-us" in error.remedy
