"""Consent, children and engines on other machines: what a session may do, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from frametalk.adapters.llm.fixed import FixedMind
from frametalk.adapters.tts.fixed import FixedVoice
from frametalk.app import serve
from frametalk.config import AdapterSettings, CharacterSettings, FrametalkSettings, PrivacySettings
from frametalk.core.languages import lines_in
from frametalk.engines import Engines
from frametalk.errors import ConfigError
from frametalk.privacy import check_engines, others_hosts, terms
from frametalk.wire import messages as m
from player import engines, playing
from serving import settings as server_settings

EVERYTHING = m.Consent(store=True, record=True, third_party=True)
STORING = PrivacySettings(store=True, record=True)


class RentedMind(FixedMind):
    """A mind on a machine of another company."""

    hosts = ("api.example", "127.0.0.1")


def rented() -> Engines:
    return engines(RentedMind())


def hello(**fields: Any) -> m.Hello:
    return m.Hello(protocol=1, **fields)


def test_hosts_of_the_operator_are_no_third_party() -> None:
    assert others_hosts(rented(), PrivacySettings()) == ("api.example",)
    assert others_hosts(rented(), PrivacySettings(own_hosts=("API.example",))) == ()


@pytest.mark.parametrize(
    ("settings", "consent", "stores"),
    [
        (PrivacySettings(), EVERYTHING, False),
        (STORING, None, False),
        (STORING, m.Consent(), False),
        (STORING, EVERYTHING, True),
    ],
)
def test_words_are_stored_only_if_the_settings_and_the_player_allow_it(
    settings: PrivacySettings, consent: m.Consent | None, stores: bool
) -> None:
    found = terms(hello(consent=consent), settings, engines())
    assert (found.store, found.record) == (stores, stores)


def test_nothing_of_a_child_is_stored() -> None:
    for settings, child in ((STORING, True), (replace_children(STORING), False)):
        found = terms(hello(consent=EVERYTHING, child=child), settings, engines())
        assert (found.child, found.store, found.record) == (True, False, False)


def replace_children(settings: PrivacySettings) -> PrivacySettings:
    return PrivacySettings(store=settings.store, record=settings.record, children=True)


def test_a_server_for_children_does_not_start_with_an_engine_elsewhere() -> None:
    check_engines(rented(), PrivacySettings())
    check_engines(engines(), PrivacySettings(children=True))
    with pytest.raises(ConfigError) as refused:
        check_engines(rented(), PrivacySettings(children=True))
    assert "api.example" in refused.value.text
    assert "privacy.own_hosts" in refused.value.remedy


@pytest.mark.real
async def test_the_whole_server_says_why_it_does_not_start_for_children() -> None:
    pytest.importorskip("openai")
    options = {"base_url": "https://api.example/v1", "model": "any"}
    settings = msgspec.structs.replace(
        server_settings(),
        llm=AdapterSettings(adapter="openai", options=options),
        privacy=PrivacySettings(children=True),
    )
    with pytest.raises(ConfigError, match=r"children is on.*api\.example") as refused:
        await serve(settings)
    assert "privacy.own_hosts" in refused.value.remedy


@pytest.mark.looptime
@pytest.mark.parametrize(
    ("fields", "privacy", "code"),
    [
        ({"child": True}, PrivacySettings(), "child_refused"),
        ({"consent": m.Consent(store=True)}, PrivacySettings(), "consent_needed"),
        ({}, PrivacySettings(require_consent=True), "consent_needed"),
    ],
)
async def test_a_session_that_would_send_words_away_is_refused(
    fields: dict[str, Any], privacy: PrivacySettings, code: str
) -> None:
    async with playing(rented(), FrametalkSettings(privacy=privacy)) as player:
        player.link.send(hello(**fields))
        error = await player.until(m.Error)
        assert (error.code, error.fatal, error.ref) == (code, True, "hello")
        assert player.of(m.Welcome) == []


@pytest.mark.looptime
@pytest.mark.parametrize("consent", [None, m.Consent(third_party=True)])
async def test_old_clients_and_players_who_agree_are_welcome(consent: m.Consent | None) -> None:
    async with playing(rented()) as player:
        welcome = await player.hello(consent=consent)
        assert welcome.consent == m.Consent(third_party=True)


@pytest.mark.looptime
async def test_the_welcome_says_what_is_in_force() -> None:
    async with playing(settings=FrametalkSettings(privacy=STORING)) as player:
        welcome = await player.hello(consent=m.Consent(store=True), language="de-AT")
        assert welcome.consent == m.Consent(store=True)
        assert not welcome.child
        assert welcome.disclosure == lines_in("de").disclosure


@pytest.mark.looptime
async def test_the_operator_chooses_the_disclosure() -> None:
    settings = FrametalkSettings(privacy=PrivacySettings(disclosure="Bram is a machine."))
    async with playing(settings=settings) as player:
        assert (await player.hello()).disclosure == "Bram is a machine."


class LicensedVoice(FixedVoice):
    def licence(self, voice: str, language: str) -> str:
        return f"licence of {voice} in {language}"


@pytest.mark.looptime
async def test_the_welcome_states_the_licence_of_the_voice() -> None:
    settings = FrametalkSettings(character=CharacterSettings(voice="joe"))
    async with playing(replace(engines(), tts=LicensedVoice()), settings) as player:
        assert (await player.hello()).voice_licence == "licence of joe in en"
    async with playing() as player:
        assert (await player.hello()).voice_licence == ""
