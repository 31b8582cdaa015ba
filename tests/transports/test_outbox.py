from __future__ import annotations

from frametalk.transports.outbox import ErrorBudget, Outbox, Packet


def drain(outbox: Outbox) -> list[bytes]:
    taken = []
    while (packet := outbox.pop()) is not None:
        taken.append(packet.data)
    return taken


def test_one_order_for_control_and_media() -> None:
    outbox = Outbox()
    for packet in (Packet(b"begin"), Packet(b"sound", stream=1), Packet(b"end")):
        assert outbox.put(packet)
    assert drain(outbox) == [b"begin", b"sound", b"end"]


def test_flush_discards_one_stream_only() -> None:
    outbox = Outbox()
    outbox.put(Packet(b"begin"))
    outbox.put(Packet(b"one", stream=1))
    outbox.put(Packet(b"two", stream=2))
    outbox.put(Packet(b"end"))
    outbox.flush(1)
    outbox.put(Packet(b"cut"))
    assert outbox.bytes_waiting == len(b"begintwoendcut")
    assert drain(outbox) == [b"begin", b"two", b"end", b"cut"]


def test_the_number_of_packets_is_bounded() -> None:
    outbox = Outbox(max_packets=2)
    assert outbox.put(Packet(b""))
    assert outbox.put(Packet(b"", stream=1))
    assert not outbox.put(Packet(b""))
    assert len(outbox) == 2
    outbox.pop()
    assert outbox.put(Packet(b""))


def test_the_bytes_are_bounded_and_freed() -> None:
    outbox = Outbox(max_bytes=10)
    assert outbox.put(Packet(b"123456"))
    assert not outbox.put(Packet(b"12345"))
    assert outbox.put(Packet(b"1234", stream=1))
    assert outbox.bytes_waiting == 10
    outbox.flush(1)
    assert outbox.bytes_waiting == 6
    outbox.clear()
    assert outbox.bytes_waiting == 0
    assert outbox.pop() is None


def test_64_errors_within_any_second_and_not_one_more() -> None:
    budget = ErrorBudget()
    assert all(budget.allows(10.0 + index / 64) for index in range(64))
    assert not budget.allows(10.999)
    # The window slides: the first one is a second old.
    assert budget.allows(11.0)
    assert not budget.allows(11.01)
    assert budget.allows(11.02)
