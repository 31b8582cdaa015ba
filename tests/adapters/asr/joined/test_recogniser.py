"""PocketSphinx and Whisper joined: real decoders beside a Whisper of random weights, and failures."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from adapters.conformance.recognisers import PLAIN, RecogniserConformance
from conftest import require
from frametalk.adapters import registry
from frametalk.adapters.asr.fixed import FixedRecogniser, FixedStream
from frametalk.adapters.asr.joined import recogniser as module
from frametalk.adapters.asr.joined.recogniser import JoinedRecogniser
from frametalk.adapters.asr.pocketsphinx import recogniser as pocketsphinx
from frametalk.adapters.base import Bias, Hypothesis
from frametalk.bench.random_models.whisper import build
from frametalk.core.commands import PIECE_NAMES
from frametalk.errors import AdapterError, ConfigError, Stage
from pauses import pauses

MISSING = AdapterError("model_missing", "no model", stage=Stage.HEAR, remedy="pull it")


@pytest.mark.real
class TestJoinedRecogniser(RecogniserConformance):
    """The free readings are noise, so the text of a command shows that the scene's reading is used."""

    said = "open the door"

    @pytest.fixture(scope="class")
    @classmethod
    def make(
        cls, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Callable[[], JoinedRecogniser]]:
        require(find_spec("faster_whisper"), "the package faster-whisper")
        folder = build(tmp_path_factory.mktemp("models") / "joined", steady_words=8)
        with pytest.MonkeyPatch.context() as patch:
            # On a busy machine the general decoder would be skipped, and no command be certain.
            patch.setattr(pocketsphinx, "TARGET", "patient_recogniser:PocketSphinxHandler")
            yield lambda: JoinedRecogniser(faster_whisper={"model": str(folder), "threads": 1})


class Free(FixedRecogniser):
    """A recogniser of free speech that fails to start if `error` is set."""

    error: AdapterError | None = None

    def __init__(self, model: str = "", language: str = "") -> None:
        super().__init__([f"{language} {model}"])

    async def start(self) -> None:
        if self.error is not None:
            raise self.error

    def open(
        self, bias: Bias, on_partial: Callable[[Hypothesis], None], *, partials: bool = True
    ) -> FixedStream:
        return super().open(bias, on_partial)


class Scene(FixedRecogniser):
    """Recognises a text that this scene does not expect."""

    error: AdapterError | None = None

    def __init__(self) -> None:
        super().__init__(["salad of words"])

    async def start(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def recognisers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripted recognisers in place of PocketSphinx and Whisper."""
    monkeypatch.setattr(module, "PocketSphinxRecogniser", Scene)
    monkeypatch.setattr(module, "FasterWhisperRecogniser", Free)


async def final(recogniser: JoinedRecogniser) -> str:
    await recogniser.prepare(PLAIN)
    stream = recogniser.open(PLAIN, lambda _partial: None)
    stream.feed(bytes(3_200))
    try:
        return (await stream.finalize()).text
    finally:
        stream.cancel()


@pytest.mark.usefixtures("recognisers")
async def test_each_recogniser_gets_its_options_and_whisper_reads_english() -> None:
    recogniser = registry.create(
        "asr", "pocketsphinx+faster_whisper", {"faster_whisper": {"model": "tiny"}}
    )
    assert isinstance(recogniser, JoinedRecogniser)
    await recogniser.start()
    await recogniser.check()
    assert await final(recogniser) == "en tiny"
    await recogniser.close()


@pytest.mark.usefixtures("recognisers")
@pytest.mark.parametrize("name", ["pocketsphinx", "faster_whisper"])
def test_an_unknown_option_is_refused_by_its_table(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"options.{name}\]: unknown option 'modell'"):
        registry.create("asr", "pocketsphinx+faster_whisper", {name: {"modell": "x"}})


@pytest.mark.usefixtures("recognisers")
async def test_without_whispers_model_the_scene_is_recognised_and_one_error_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Free, "error", MISSING)
    recogniser = JoinedRecogniser()
    with caplog.at_level(logging.ERROR):
        await recogniser.start()
        assert await final(recogniser) == "salad of words"
        assert await final(recogniser) == "salad of words"
    assert [record.getMessage() for record in caplog.records] == [
        "one of two recognisers failed, the other goes on: model_missing: no model (pull it)"
    ]
    with pytest.raises(AdapterError, match="no model"):
        await recogniser.check()
    await recogniser.close()


@pytest.mark.usefixtures("recognisers")
async def test_without_pocketsphinx_it_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scene, "error", MISSING)
    recogniser = JoinedRecogniser()
    with pytest.raises(AdapterError, match="no model"):
        await recogniser.start()
    await recogniser.close()


@pytest.mark.usefixtures("recognisers")
async def test_a_scenes_commands_are_learnt_in_pieces_and_kept_as_long_as_the_scene() -> None:
    recogniser = JoinedRecogniser()
    await recogniser.start()
    bias = Bias(tuple(f"thing {n}" for n in range(512)), ("open",))
    assert pauses(recogniser.prepare(bias)) == 512 // PIECE_NAMES
    assert recogniser._commands[Bias(bias.things, bias.verbs)].complete("open thing 511")
    del bias
    gc.collect()
    assert not recogniser._commands
    await recogniser.close()
