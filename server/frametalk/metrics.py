"""What a server counts and times, for Prometheus: one method for each kind of event.

Durations leave as seconds, as Prometheus expects them. No label ever contains what a client chose (names,
words), so that the number of series is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client import Metric

    from frametalk.workers.supervisor import WorkerState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Upper bounds in seconds, densest where the budgets lie.
_TURN_S = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10)
_STAGE_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.3, 0.5, 0.75, 1, 2, 5)
_FRAME_S = (0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016)
_STEP_S = (0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5)


class Metrics:
    """One server's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self._step_taken: Callable[[str, float], None] = lambda _name, _seconds: None
        registry = self.registry = CollectorRegistry()
        self._sessions = Gauge("frametalk_sessions", "Sessions open.", registry=registry)
        self._sessions_total = Counter(
            "frametalk_sessions_opened", "Sessions opened.", registry=registry
        )
        self._resumed = Counter(
            "frametalk_sessions_resumed",
            "Times that a session went on over another connection.",
            registry=registry,
        )
        self._turns = Counter("frametalk_turns", "Turns answered.", registry=registry)
        self._unmeasured = Counter(
            "frametalk_turns_unmeasured",
            "Turns whose mouth-to-ear could not be measured.",
            registry=registry,
        )
        self._measures = Counter(
            "frametalk_latency_measures",
            "Measures that sessions took because they missed the latency objective, or gave up.",
            ["measure", "change"],
            registry=registry,
        )
        self._cuts = Counter("frametalk_reply_cuts", "Replies cut short.", registry=registry)
        self._false_cuts = Counter(
            "frametalk_false_cuts",
            "Replies cut soon after their first sound by a player who went on: joined to the turn, "
            "or split from it.",
            ["turn"],
            registry=registry,
        )
        self._drafts = Counter(
            "frametalk_drafts", "Replies made before their turn had ended.", registry=registry
        )
        self._discarded = Counter(
            "frametalk_drafts_discarded",
            "Drafts discarded because the player resumed.",
            registry=registry,
        )
        self._late = Counter(
            "frametalk_late_frames",
            "Times that a client's playback ran out of sound.",
            registry=registry,
        )
        self._errors = Counter("frametalk_errors", "Errors by code.", ["code"], registry=registry)
        self._tools = Counter(
            "frametalk_tool_calls", "Tool calls by outcome.", ["state"], registry=registry
        )
        self._guard = Counter(
            "frametalk_guard_stops",
            "Words that the guard stopped, by whose they were and by topic.",
            ["where", "topic"],
            registry=registry,
        )
        self._reports = Counter(
            "frametalk_reports",
            "Players' reports about a character, by reason.",
            ["reason"],
            registry=registry,
        )
        self._unwritten = Counter(
            "frametalk_unwritten",
            "Records of sessions that ended early, and lines of the audit log that were lost, because "
            "the disk failed or was late.",
            ["what"],
            registry=registry,
        )
        self._voice_cache = Counter(
            "frametalk_voice_cache_lookups",
            "Clauses to be spoken, by whether their sound was cached.",
            ["result"],
            registry=registry,
        )
        self._mind_tokens = Counter(
            "frametalk_mind_tokens", "Tokens used by minds, by kind.", ["kind"], registry=registry
        )
        self._mind_cost = Counter(
            "frametalk_mind_cost",
            "Cost of these tokens, by the prices in the settings.",
            registry=registry,
        )
        self._ready = Gauge("frametalk_ready_seconds", "From start to ready.", registry=registry)
        self._loop_lag = Gauge(
            "frametalk_loop_lag_seconds", "How late the event loop is.", registry=registry
        )
        self._tasks = Gauge("frametalk_tasks", "Tasks on the event loop.", registry=registry)
        self._mouth_to_ear = Histogram(
            "frametalk_mouth_to_ear_seconds",
            "From the player's last speech to the reply's first audible sample.",
            buckets=_TURN_S,
            registry=registry,
        )
        self._stages = Histogram(
            "frametalk_stage_seconds",
            "Stages of mouth-to-ear.",
            ["stage"],
            buckets=_STAGE_S,
            registry=registry,
        )
        self._steps = Histogram(
            "frametalk_step_seconds",
            "Steps timed inside the server.",
            ["step"],
            buckets=_STEP_S,
            registry=registry,
        )
        self._client_frames = Counter(
            "frametalk_client_frames",
            "Frames of games whose cost clients reported, by kind of client.",
            ["client"],
            registry=registry,
        )
        self._frame_cost = Histogram(
            "frametalk_client_frame_seconds",
            "What a client costs its game in a frame: `p99` and `max` of each second.",
            ["client", "of"],
            buckets=_FRAME_S,
            registry=registry,
        )
        self._tool_time = Histogram(
            "frametalk_tool_seconds",
            "From a tool call to its outcome.",
            buckets=_STAGE_S,
            registry=registry,
        )

    # ---- sessions and turns ----------------------------------------------------------------------

    def ready(self, after_ms: float) -> None:
        """The server accepts sessions, this long after its start."""
        self._ready.set(after_ms / 1000)

    def session_opened(self) -> None:
        """A client said hello and was welcomed."""
        self._sessions.inc()
        self._sessions_total.inc()

    def session_resumed(self) -> None:
        """A session went on over another connection."""
        self._resumed.inc()

    def session_closed(self) -> None:
        """A welcomed session ended, for whatever reason."""
        self._sessions.dec()

    def turn(self, mouth_to_ear_ms: float | None, stages: Iterable[tuple[str, float]] = ()) -> None:
        """A turn was answered; `stages` are (name, ms) of its waterfall, None is unmeasured."""
        self._turns.inc()
        if mouth_to_ear_ms is None:
            self._unmeasured.inc()
            return
        self._mouth_to_ear.observe(mouth_to_ear_ms / 1000)
        for name, ms in stages:
            self._stages.labels(name).observe(ms / 1000)

    def measure(self, name: str, *, taken: bool) -> None:
        """A session took a measure because of its latency objective, or gave it up."""
        self._measures.labels(name, "taken" if taken else "given_up").inc()

    def reply_cut(self) -> None:
        """A reply was cut short."""
        self._cuts.inc()

    def false_cut(self, *, split: bool) -> None:
        """The player went on after a reply was heard; with `split` probably in another turn."""
        self._false_cuts.labels("split" if split else "joined").inc()

    def draft_begun(self) -> None:
        """A draft was started."""
        self._drafts.inc()

    def draft_discarded(self) -> None:
        """A draft was discarded."""
        self._discarded.inc()

    def tool(self, state: str, seconds: float | None = None) -> None:
        """A tool call ended as `state` (done, refused, failed, ...); None: it was never sent."""
        self._tools.labels(state).inc()
        if seconds is not None:
            self._tool_time.observe(seconds)

    def guard(self, where: str, topic: str) -> None:
        """The guard stopped words of the player, of the character, or for a tool."""
        self._guard.labels(where, topic).inc()

    def report(self, reason: str) -> None:
        """A player reported the character, for one of the wire's reasons."""
        self._reports.labels(reason).inc()

    def unwritten(self, what: str) -> None:
        """The disk failed or was late: a session's `record` ended, or a line of the `audit` log is lost."""
        self._unwritten.labels(what).inc()

    def voice_cache(self, hit: bool) -> None:
        """A clause was to be spoken; its sound was cached, or not."""
        self._voice_cache.labels("hit" if hit else "miss").inc()

    def mind_used(self, prompt_tokens: int, completion_tokens: int, cost: float) -> None:
        """A mind used this many tokens, at this cost in the currency of the settings' prices."""
        self._mind_tokens.labels("prompt").inc(prompt_tokens)
        self._mind_tokens.labels("completion").inc(completion_tokens)
        self._mind_cost.inc(cost)

    def error(self, code: str) -> None:
        """An error with this stable code was sent, or would have been."""
        self._errors.labels(code).inc()

    def errors(self) -> dict[str, int]:
        """How often each code was counted."""
        (counter,) = self._errors.collect()
        totals = (each for each in counter.samples if each.name.endswith("_total"))
        return {each.labels["code"]: round(each.value) for each in totals}

    def late_frame(self, count: int = 1) -> None:
        """The client's playback ran out of sound `count` times more (`played.underruns` grew)."""
        self._late.inc(count)

    def client_frames(self, client: str, frames: int, p99_ms: float, max_ms: float) -> None:
        """A client (one of `handshake.CLIENTS`) said what it cost in each of a second's frames."""
        self._client_frames.labels(client).inc(frames)
        self._frame_cost.labels(client, "p99").observe(p99_ms / 1000)
        self._frame_cost.labels(client, "max").observe(max_ms / 1000)

    def step(self, name: str, seconds: float) -> None:
        """A step took this long."""
        self._steps.labels(name).observe(seconds)
        self._step_taken(name, seconds)

    def watch_steps(self, taken: Callable[[str, float], None]) -> None:
        """Call `taken` with each step's name and seconds."""
        self._step_taken = taken

    def watch_loop(self, lag_ms: Callable[[], float], tasks: Callable[[], int]) -> None:
        """Export how late the event loop is and how many tasks it has, whenever the page is read."""
        self._loop_lag.set_function(lambda: lag_ms() / 1000)
        self._tasks.set_function(tasks)

    def watch_workers(self, states: Callable[[], Iterable[WorkerState]]) -> None:
        """Export what `states` returns of worker processes whenever the page is read."""
        self.registry.register(_Workers(states))

    def exposition(self) -> bytes:
        """The page that Prometheus reads, in its text format 0.0.4."""
        return generate_latest(self.registry)


class _Workers:
    """The counters of worker processes. Their names are the engines', never a client's."""

    def __init__(self, states: Callable[[], Iterable[WorkerState]]) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """All of them now; workers with the same name are added up."""
        restarts = CounterMetricFamily(
            "frametalk_worker_restarts", "Worker processes replaced.", labels=["worker"]
        )
        reruns = CounterMetricFamily(
            "frametalk_worker_reruns", "Requests run again in another worker.", labels=["worker"]
        )
        failed = CounterMetricFamily(
            "frametalk_worker_failures", "Requests lost by the end of a worker.", labels=["worker"]
        )
        resident = GaugeMetricFamily(
            "frametalk_worker_resident_bytes", "Memory of worker processes.", labels=["worker"]
        )
        totals: dict[str, list[float]] = {}
        for state in self._states():
            counts = (state.restarts, state.reruns, state.failed, state.resident_bytes)
            total = totals.setdefault(state.name, [0.0] * len(counts))
            totals[state.name] = [a + b for a, b in zip(total, counts, strict=True)]
        for name, total in totals.items():
            restarts.add_metric([name], total[0])
            reruns.add_metric([name], total[1])
            failed.add_metric([name], total[2])
            resident.add_metric([name], total[3])
        yield from (restarts, reruns, failed, resident)
