"""What is counted of what arrives."""

from __future__ import annotations

import pytest

from frametalk.errors import WireError
from frametalk.transports.arrivals import Arrivals
from frametalk.transports.link import BadInput
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaKind, UnknownMessage


def bad(ref: str) -> BadInput:
    return BadInput(WireError("message_invalid", "", remedy=""), ref)


@pytest.mark.parametrize(
    ("inbound", "counts"),
    [
        (m.Say(text="hello"), True),
        (m.Error(code="client_trouble"), True),
        (UnknownMessage("later.version"), True),
        (bad("say"), True),
        (bad(""), True),
        (bad("media"), False),
        (bad("ping"), False),
        (m.Hello(protocol=1), False),
        (m.Ping(id=1, t_us=1), False),
        (m.Pong(id=1, t_us=1, received_us=1, sent_us=1), False),
        (m.Ack(acked=1), False),
    ],
    ids=lambda value: str(value)[:30],
)
def test_every_control_message_counts_but_those_of_one_connection(
    inbound: object, counts: bool
) -> None:
    arrivals = Arrivals()
    arrivals.take(inbound)  # type: ignore[arg-type]
    assert arrivals.messages == counts


def test_the_microphone_is_followed_while_it_is_open() -> None:
    arrivals = Arrivals()
    arrivals.take(Media(MediaKind.PCM16, 1, 0, 0, bytes(640)))
    assert arrivals.mic_sample is None
    arrivals.take(m.MicStart(stream=1, rate_hz=16_000))
    assert arrivals.mic_sample == 0
    arrivals.take(Media(MediaKind.PCM16, 1, 0, 0, bytes(640)))
    assert arrivals.mic_sample == 320
    arrivals.take(m.MicStop(stream=1, at=320))
    assert arrivals.mic_sample is None


@pytest.mark.parametrize(
    ("at", "fits"),
    [
        (m.ResumeFrom(), True),
        (m.ResumeFrom(sent=1), True),
        (m.ResumeFrom(sent=0), False),
        (m.ResumeFrom(sent=1, mic_sample=320), True),
        (m.ResumeFrom(sent=1, mic_sample=319), False),
        (m.ResumeFrom(sent=2, mic_sample=0), True),  # of another stream, which has not come
    ],
)
def test_a_client_cannot_have_sent_less_than_arrived(at: m.ResumeFrom, fits: bool) -> None:
    arrivals = Arrivals()
    arrivals.take(m.MicStart(stream=1, rate_hz=16_000))
    arrivals.take(Media(MediaKind.PCM16, 1, 0, 0, bytes(640)))
    assert arrivals.fits(at) is fits
