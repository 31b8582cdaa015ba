"""The table of the suite `network`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from frametalk.bench.network.profiles import ProfilesReport, UnderProfile
    from frametalk.bench.network.run import NetworkReport

COUNTS = (
    ("cuts", "cuts"),
    ("sessions resumed", "resumes"),
    ("control messages lost", "control_lost"),
    ("control messages that came twice", "control_doubled"),
    ("microphone samples lost", "mic_samples_lost"),
    ("reply samples lost", "reply_samples_lost"),
    ("tools carried out twice", "tools_twice"),
)


def table(report: NetworkReport | ProfilesReport) -> Table:
    """What was lost, and how long it took: under cuts, or a row for each profile."""
    profiles = getattr(report, "profiles", None)
    return _cuts(report) if profiles is None else _profiles(report)  # type: ignore[arg-type]


def _cuts(report: NetworkReport) -> Table:
    rows = Table(title=f"network: {report.sessions} conversations, {report.turns} turns")
    rows.add_column("measured")
    rows.add_column("value", justify="right")
    for name, field in COUNTS:
        rows.add_row(name, str(getattr(report, field)))
    for name in ("p50", "p99"):
        value = getattr(report.resume_ms, name)
        rows.add_row(f"resume ms, {name}", "-" if value is None else f"{value:.1f}")
    if report.rtc is not None:
        for name, path in (("ours", report.rtc.mic_path_ms), ("aiortc's", report.rtc.stock_ms)):
            rows.add_row(f"microphone by a track ms, {name}", f"{path.p50:.1f}")
            rows.add_row(
                f"microphone by a track ms, {name}, after a loss", f"{path.after_loss:.1f}"
            )
    for code, count in report.errors.items():
        rows.add_row(f"error {code}", str(count))
    return rows


def _profiles(report: ProfilesReport) -> Table:
    rows = Table(title=f"network: {report.sessions} conversations under each profile")
    for name in ("profile", "completed", "words lost", "mouth-to-ear ms", "ran dry", "resumed"):
        rows.add_column(name, justify="left" if name == "profile" else "right")
    for name, under in _rows(report):
        rows.add_row(
            name,
            f"{under.completed} of {under.conversations}",
            f"{under.words_lost} of {under.words}",
            _times(under),
            str(under.ran_dry),
            str(under.resumed),
        )
    return rows


def _rows(report: ProfilesReport) -> Iterator[tuple[str, UnderProfile]]:
    yield "loopback", report.direct
    for name, under in report.profiles.items():
        yield name, under
        if under.webrtc is not None:
            yield f"{name}, WebRTC", under.webrtc


def _times(under: UnderProfile) -> str:
    times = (under.mouth_to_ear_ms.p50, under.mouth_to_ear_ms.p95)
    return " / ".join("-" if ms is None else f"{ms:.0f}" for ms in times)
