"""The lead of a session's replies follows the network."""

from __future__ import annotations

from frametalk.config import ReplySettings
from frametalk.pipeline.lead import Lead


def test_it_is_doubled_when_playback_runs_dry_up_to_a_bound() -> None:
    lead = Lead.of(ReplySettings(lead_ms=400, longest_lead_ms=1_000))
    seen = [lead.ms]
    for _ in range(3):
        lead.ran_dry()
        seen.append(lead.ms)
    assert seen == [400, 800, 1_000, 1_000]


def test_a_long_lead_stays_as_it_is() -> None:
    lead = Lead.of(ReplySettings(lead_ms=10_000))
    lead.ran_dry()
    assert (lead.ms, lead.longest_ms) == (10_000, 10_000)
