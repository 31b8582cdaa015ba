"""What a server sends again: what a client lacks of messages and of the reply that it plays."""

from __future__ import annotations

from frametalk.transports.unconfirmed import MAX_BYTES, MAX_ITEMS, Unconfirmed, without_sdp
from frametalk.wire import messages as m
from frametalk.wire.codec import Media, MediaFlags, MediaKind

BEGIN = m.ReplyBegin(seq=2, reply=1, turn=1, stream=1, rate_hz=16_000)


def frame(number: int, samples: int = 320) -> Media:
    flags = MediaFlags.NONE if samples else MediaFlags.LAST
    return Media(MediaKind.PCM16, 1, number, number * 320, bytes(2 * samples), flags)


def reply(frames: int) -> Unconfirmed:
    """A reply of which so many frames were sent."""
    sent = Unconfirmed(1)
    sent.sent(BEGIN, 2)
    for number in range(frames):
        sent.sent_media(frame(number))
    return sent


def after(sent: Unconfirmed, **at: int) -> list[object]:
    """Messages by their number, frames as their seq."""
    items = sent.after(m.ResumeFrom(**at))
    return [item.seq if isinstance(item, Media) else item for item in items]


def test_sound_comes_again_from_the_frame_that_was_being_played() -> None:
    sent = reply(5)
    assert after(sent, received=2, reply=1, played=0) == [0, 1, 2, 3, 4]
    assert after(sent, received=2, reply=1, played=641) == [2, 3, 4]
    assert after(sent, received=2, reply=1, played=960) == [3, 4]


def test_a_client_that_did_not_get_the_beginning_gets_all() -> None:
    assert after(reply(2), received=1) == [BEGIN, 0, 1]


def test_what_was_played_is_not_kept() -> None:
    sent = reply(5)
    sent.confirm(2)
    before = sent.bytes
    sent.played(m.Played(reply=1, sample=640))
    assert sent.bytes < before
    assert after(sent, received=2, reply=1, played=640) == [2, 3, 4]
    sent.played(m.Played(reply=1, sample=5_000))  # cannot be
    assert after(sent, received=2, reply=1, played=640) == [2, 3, 4]
    sent.played(m.Played(reply=1, sample=1_600, done=True))
    assert sent.bytes == 0


def test_the_last_frame_comes_again_though_it_is_empty() -> None:
    sent = reply(1)
    sent.sent_media(frame(1, samples=0))
    assert after(sent, received=2, reply=1, played=320) == [1]


def test_counts_fit_what_was_sent() -> None:
    sent = reply(1)
    assert sent.fits(m.ResumeFrom(received=2, reply=1, played=320))
    assert not sent.fits(m.ResumeFrom(received=3))
    assert not sent.fits(m.ResumeFrom(reply=1, played=321))
    assert sent.fits(m.ResumeFrom(reply=0, played=9_999))  # of a reply that is over
    assert not sent.confirm(3)


def test_what_was_dropped_is_lacking() -> None:
    sent = Unconfirmed(0)
    for seq in range(1, 2 * MAX_ITEMS):
        sent.sent(m.SceneAck(seq=seq, rev=seq), seq)
    assert sent.bytes <= MAX_BYTES
    newest = 2 * MAX_ITEMS - 1
    assert sent.lacks(m.ResumeFrom(received=newest - MAX_ITEMS - 1))
    assert not sent.lacks(m.ResumeFrom(received=newest - MAX_ITEMS))
    assert not sent.lacks(m.ResumeFrom())


def test_sound_that_was_dropped_is_lacking() -> None:
    sent = reply(MAX_ITEMS + 10)
    assert sent.lacks(m.ResumeFrom(received=2, reply=1, played=0))
    assert not sent.lacks(m.ResumeFrom(received=2, reply=1, played=320 * 20))


def test_what_a_recording_has_of_an_answer_is_its_length() -> None:
    sent = Unconfirmed(1)
    sent.sent(m.RtcAnswer(seq=2, sdp="a=ice-pwd:secret\r\n"), 2)
    sent.sent(BEGIN, 3)
    sent.sent_media(frame(0))
    entries = sent.kept(whole=True).log.entries
    bare = tuple(map(without_sdp, entries))
    assert b"secret" in entries[0].data
    assert b"secret" not in bare[0].data
    assert [entry.size_bytes for entry in bare] == [entry.size_bytes for entry in entries]
    assert bare[1:] == entries[1:]
