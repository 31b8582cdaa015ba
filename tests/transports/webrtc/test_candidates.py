"""Which candidates of a client are taken, ignored and refused."""

from __future__ import annotations

import pytest

from frametalk.errors import FrametalkError
from frametalk.transports.webrtc.candidates import MAX_CANDIDATES, Candidates, split


def line(address: str, port: int = 50_000, transport: str = "udp") -> str:
    return f"candidate:1 1 {transport} 2130706431 {address} {port} typ host"


HOME, OFFICE, INTERNET = "127.0.0.1", "192.168.1.20", "203.0.113.7"


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (HOME, "127.0.0.1"),
        (HOME, "192.168.1.20"),
        (HOME, "::1"),
        (OFFICE, "192.168.1.20"),
        (OFFICE, "10.1.2.3"),
        ("8.8.4.4", "8.8.4.4"),
        ("8.8.4.4", "2600::1"),
        (OFFICE, "8.8.4.4"),
    ],
)
def test_addresses_that_the_client_can_have_are_taken(client: str, address: str) -> None:
    assert Candidates(client).take(line(address)) == line(address).removeprefix("candidate:")


@pytest.mark.parametrize(
    ("client", "text"),
    [
        ("8.8.4.4", line("192.168.1.20")),
        ("8.8.4.4", line("10.0.0.1")),
        ("8.8.4.4", line("127.0.0.1")),
        ("8.8.4.4", line("169.254.169.254")),
        ("8.8.4.4", line("::ffff:10.0.0.1")),
        ("8.8.4.4", line("fe80::1")),
        (OFFICE, line("127.0.0.1")),
        (OFFICE, line("169.254.169.254")),
        (HOME, line("3f2a.local")),
        (HOME, line("game.example")),
        (HOME, line("192.168.1.20", 9, "tcp")),
        ("a name", line("10.0.0.1")),
    ],
)
def test_what_an_ordinary_client_sends_too_is_ignored(client: str, text: str) -> None:
    assert Candidates(client).take(text) is None


@pytest.mark.parametrize(
    "text",
    [
        line("224.0.0.1"),
        line("255.255.255.255"),
        line("0.0.0.0"),  # noqa: S104  (to be refused)
        line("::"),
        line("ff02::1"),
        line("8.8.8.8", 53),
        line("127.0.0.1", 80),
        line("127.0.0.1", 70_000),
        line("127.0.0.1", -1),
        "candidate:1 1 udp",
        "",
        "candidate:" + "x" * 5_000,
        "candidate:1 1 udp 1 127.0.0.1 port typ host",
        "candidate:1 one udp 1 127.0.0.1 5000 typ host",
        "candidate:1 1 udp 1 127.0.0.1 5000 kind host",
    ],
)
def test_what_no_client_sends_is_refused(text: str) -> None:
    with pytest.raises(FrametalkError) as refused:
        Candidates(HOME).take(text)
    assert refused.value.code == "rtc_candidate"
    told = [part for part in text.split() if len(part) > 6 and part in refused.value.text]
    assert not told, "recordings and logs have the text"


def test_public_hosts_are_few() -> None:
    candidates = Candidates("8.8.4.4")
    for last in range(1, 5):
        assert candidates.take(line(f"8.8.8.{last}"))
    assert candidates.take(line("8.8.8.1", 50_001))  # another port of the same host
    with pytest.raises(FrametalkError):
        candidates.take(line("8.8.8.5"))


def test_candidates_are_few_whatever_they_are() -> None:
    candidates = Candidates(HOME)
    for port in range(MAX_CANDIDATES):
        candidates.take(line("127.0.0.1", 50_000 + port))
    with pytest.raises(FrametalkError):
        candidates.take(line("127.0.0.1"))


def test_an_offer_is_split_into_its_candidates_and_the_rest() -> None:
    sdp = "v=0\r\nm=audio 9 x\r\na=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\na=mid:0\n"
    sdp += (
        "m=application 9 x\r\na=end-of-candidates\r\na=candidate:2 1 udp 1 10.0.0.1 5001 typ host"
    )
    bare, candidates = split(sdp)
    assert bare == "v=0\r\nm=audio 9 x\r\na=mid:0\r\nm=application 9 x\r\n"
    assert [section for section, _line in candidates] == [0, 1]
