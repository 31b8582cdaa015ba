"""What a session may do with what its player says: consent, children, and which engines send it away."""

from __future__ import annotations

from dataclasses import dataclass

from frametalk.adapters.abilities import LicensesVoices, SendsAway
from frametalk.addresses import is_this_machine
from frametalk.config import FrametalkSettings, PrivacySettings
from frametalk.core.languages import lines_in
from frametalk.engines import Engines
from frametalk.errors import ConfigError, Fault, FrametalkError, Stage
from frametalk.wire.messages import Consent, Hello


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session does with its player's words and sound. `child`: it is one for children."""

    store: bool = False
    record: bool = False
    third_party: bool = False
    child: bool = False

    @property
    def consent(self) -> Consent:
        """The same, as `welcome` says it."""
        return Consent(store=self.store, record=self.record, third_party=self.third_party)


def others_hosts(engines: Engines, settings: PrivacySettings) -> tuple[str, ...]:
    """The machines that engines send to, other than this one and the operator's own."""
    adapters: tuple[object, ...] = (
        engines.vad,
        engines.turn,
        engines.asr,
        engines.llm,
        engines.tts,
        engines.guard,
    )
    hosts = (host for each in adapters if isinstance(each, SendsAway) for host in each.hosts)
    own = {host.lower() for host in settings.own_hosts}
    return tuple(
        dict.fromkeys(
            host for host in hosts if not is_this_machine(host) and host.lower() not in own
        )
    )


def check_engines(engines: Engines, settings: PrivacySettings) -> None:
    """Raise ConfigError if every player is a child and an engine sends what they say away."""
    if settings.children and (hosts := others_hosts(engines, settings)):
        raise ConfigError(
            f"privacy.children is on, and an engine sends what children say to {', '.join(hosts)}",
            remedy="use engines on this machine, or list the host in privacy.own_hosts if it is yours",
        )


def terms(hello: Hello, settings: PrivacySettings, engines: Engines) -> Terms:
    """What a session with this hello does. Raises FrametalkError `child_refused`, `consent_needed`."""
    hosts = others_hosts(engines, settings)
    child = hello.child or settings.children
    if hosts and child:
        raise _refusal(
            "child_refused",
            "this server has engines on other machines, which must not get what a child says",
            "connect to a server whose engines are all local",
            Fault.SERVER,
        )
    consent = hello.consent or Consent()
    asked = hello.consent is not None or settings.require_consent
    if hosts and asked and not consent.third_party:
        raise _refusal(
            "consent_needed",
            "this server's engines on other machines get what the player says",
            "ask the player, and send hello.consent with third_party true",
            Fault.CLIENT,
        )
    return Terms(
        store=settings.store and consent.store and not child,
        record=settings.record and consent.record and not child,
        third_party=bool(hosts),
        child=child,
    )


def disclosure(settings: PrivacySettings, language: str) -> str:
    """The sentence which says that a machine speaks."""
    return settings.disclosure or lines_in(language).disclosure


def voice_licence(settings: FrametalkSettings, engines: Engines, name: str, language: str) -> str:
    """The licence of the voice of the character `name`; empty if it is not known."""
    voice, engine = settings.as_character(name).voice, engines.tts
    return engine.licence(voice, language) if isinstance(engine, LicensesVoices) else ""


def _refusal(code: str, text: str, remedy: str, fault: Fault) -> FrametalkError:
    error = FrametalkError(code, text, stage=Stage.SESSION, fault=fault, remedy=remedy, fatal=True)
    error.ref = "hello"
    return error
