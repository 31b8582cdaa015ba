"""Piper in the worker process: the only file that uses the GPL library."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import piper
from cachetools import LRUCache
from piper.config import PhonemeType, PiperConfig, SynthesisConfig

from frametalk.adapters.tts.piper.shapes import Sentence, begins, moved, segment_marks, spread
from frametalk.adapters.tts.piper.sound import Floats, after_silence, pcm, resampled
from frametalk.adapters.tts.piper.steps import Steps
from frametalk.adapters.tts.piper.vits_run import SplitVits, chunks
from frametalk.adapters.tts.piper.vits_split import NotSplittableError, split
from frametalk.adapters.tts.piper.words import segments, sentences, starts, written
from frametalk.workers.child import ChildCall

BEGIN, PAD, END = "^", "_", "$"
# Spoken once when a voice is loaded, to measure its loudness and for ONNX Runtime's first allocations.
# Every language has digits.
TRIAL = "1 2 3, 4 5 6."
# A voice's own sound is soft, and Piper amplifies each sentence to its full peak. A stream gets one gain
# for the voice, with headroom for sentences that are louder than the trial.
PEAK = 0.7
MAX_GAIN = 8.0


class VoiceRefusedError(Exception):
    """A voice or speaker that cannot be used; text and remedy are for the user."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


class LoadedVoice:
    """One voice in memory, split if possible; usable from several threads.

    `whole` says why it speaks whole sentences; empty if it is split.
    """

    def __init__(self, path: Path, to_hz: int) -> None:
        settings = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
        self.config = PiperConfig.from_dict(settings)
        if self.config.phoneme_type is PhonemeType.PINYIN:
            raise VoiceRefusedError(
                f"{path.name} needs a model for Chinese that Piper would download",
                "choose a voice of another phoneme type",
            )
        self._to_hz = to_hz or self.config.sample_rate
        self.whole = ""
        try:
            self._split: SplitVits | None = SplitVits(split(path))
            self._piper = piper.PiperVoice(session=None, config=self.config)
        except NotSplittableError as reason:
            self.whole = str(reason)
            self._split = None
            self._piper = piper.PiperVoice.load(path, include_alignments=True)
        self._alone = lru_cache(maxsize=4096)(self._read_alone)
        self.gain = 1.0
        self._set_gain()

    def read(self, text: str) -> list[list[str]]:
        """The phonemes of each sentence with sound."""
        return sentences(self._piper.phonemize(text))

    def words(self, text: str, spoken: Sequence[str]) -> list[tuple[str, int]]:
        """(word as written, index in `spoken` of its first phoneme)."""
        names = written(text)
        return list(zip(names, starts([self._alone(name) for name in names], spoken), strict=True))

    def speaker(self, name: str) -> int | None:
        """The number of a speaker by name or number; None for a voice with only one."""
        count, names = self.config.num_speakers, self.config.speaker_id_map
        if name in names:
            return names[name]
        if name and not (name.isdecimal() and int(name) < max(count, 1)):
            available = ", ".join(list(names)[:8]) or f"0 to {max(count, 1) - 1}"
            raise VoiceRefusedError(
                f"the voice has no speaker {name!r}", f"choose one of: {available}"
            )
        if count <= 1:
            return None
        return int(name) if name else self.config.default_speaker_id

    def begin(
        self, phonemes: Sequence[str], scales: tuple[float, float, float], speaker: int | None
    ) -> Sentence:
        """Compute everything of a sentence that comes before its first sound."""
        symbols = (BEGIN, *phonemes, END)
        ids, counts = self._ids(symbols)
        if self._split is not None:
            net, frames = self._split, self._split.frames(ids, scales, speaker)
            lengths: Sequence[int] | None = [n * net.hop_samples for n in frames.lengths]
            own_total = frames.count * net.hop_samples
            sound: Iterator[Floats] = (
                net.sound(frames, at, end) for at, end in chunks(frames.count)
            )
        else:
            audio, lengths = self._whole_sentence(ids, scales, speaker)
            own_total = len(audio)
            sound = iter((audio,))
        if lengths is not None and len(lengths) == len(ids):
            edges = [0, *accumulate(lengths)]
            places = [0, *accumulate(own + pads for own, pads in counts)]
            firsts = begins(
                symbols,
                [
                    (edges[at], edges[at + own])
                    for at, (own, _) in zip(places, counts, strict=False)
                ],
            )
        else:
            firsts = spread(symbols, own_total)
        ratio = self._to_hz / self.config.sample_rate
        total = round(own_total * ratio)
        sound = resampled(sound, self.config.sample_rate, self._to_hz, total)
        return Sentence(symbols, tuple(round(at * ratio) for at in firsts), total, sound)

    def scales(self, args: dict[str, Any]) -> tuple[float, float, float]:
        """Noise, length and noise of the lengths: the request's, else the voice's own."""
        config = self.config
        noise, noise_w = (
            own if requested is None else requested
            for own, requested in zip(
                (config.noise_scale, config.noise_w_scale), args["noise"], strict=True
            )
        )
        return noise, config.length_scale / args["speed"], noise_w

    def _ids(self, phonemes: Sequence[str]) -> tuple[list[int], list[tuple[int, int]]]:
        """All ids, and of each symbol the number of its own and of the blanks after them.

        Symbols unknown to the voice have none.
        """
        table = self.config.phoneme_id_map
        ids: list[int] = []
        counts: list[tuple[int, int]] = []
        for name in phonemes:
            own = table.get(name, [])
            blanks = table[PAD] if own and name != END else []
            ids += [*own, *blanks]
            counts.append((len(own), len(blanks)))
        return ids, counts

    def _whole_sentence(
        self, ids: list[int], scales: tuple[float, float, float], speaker: int | None
    ) -> tuple[Floats, Sequence[int] | None]:
        noise, length, noise_w = scales
        config = SynthesisConfig(
            speaker_id=speaker, length_scale=length, noise_scale=noise, noise_w_scale=noise_w
        )
        audio, lengths = self._piper.phoneme_ids_to_audio(ids, config, include_alignments=True)
        known = None if lengths is None else [int(n) for n in np.ravel(lengths)]
        return np.ravel(np.asarray(audio, np.float32)), known

    def _read_alone(self, word: str) -> tuple[str, ...]:
        return tuple(phoneme for sentence in self.read(word) for phoneme in sentence)

    def _set_gain(self) -> None:
        scales = self.scales({"noise": (None, None), "speed": 1.0})
        loudest = 0.0
        for phonemes in self.read(TRIAL):
            for sound in self.begin(phonemes, scales, self.speaker("")).sound:
                loudest = max(loudest, float(np.abs(sound).max(initial=0.0)))
        self.gain = min(PEAK / loudest, MAX_GAIN) if loudest else 1.0


class PiperHandler:
    """Serves `about` and `speak`.

    `about` returns the rate, and why voices are not split. `speak` emits [pcm, marks] for each chunk; marks
    are [kind, at, end, name, value] on the clause's clock, and all marks of a segment come with its first
    chunk. Its value says why the voice speaks whole sentences, or is empty.
    """

    def __init__(self, voices: list[str], threads: int, loaded: int) -> None:
        self._loaded: LRUCache[str, LoadedVoice] = LRUCache(loaded)
        self._lock, self._loading = threading.Lock(), threading.Lock()
        self._rate_hz = 0
        self._steps = Steps(threads)
        self._default = voices[0]
        self._rate_hz = self._voice(voices[0]).config.sample_rate
        for path in voices[1:loaded]:
            self._voice(path)

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Serve a call; `speak` runs on the threads of `Steps`."""
        if op == "about":
            whole = {path: voice.whole for path, voice in self._loaded.items() if voice.whole}
            call.done([self._rate_hz, whole])
        elif not self._steps.add(self._guarded(call, args)):
            call.fail(
                "voice_failed", "too many clauses wait for Piper", "raise tts.options.threads"
            )

    def input(self, call: ChildCall, item: Any) -> None:
        """Not used."""

    def cancelled(self, call: ChildCall) -> None:
        """Nothing to do: the next step of the clause checks it."""

    def _guarded(self, call: ChildCall, args: Any) -> Iterator[float]:
        """The steps of a clause; an error ends this clause only."""
        try:
            yield from self._speak(call, args)
        except VoiceRefusedError as refused:
            call.fail("voice_failed", str(refused), refused.remedy)
        except Exception as error:  # noqa: BLE001  (third-party exceptions stop here)
            traceback.print_exc()
            call.fail("voice_failed", f"Piper: {type(error).__name__}: {error}")

    def _speak(self, call: ChildCall, args: Any) -> Iterator[float]:
        yield 0.0
        voice = self._voice(args["path"] or self._default)
        speaker, scales = voice.speaker(args["speaker"]), voice.scales(args)
        gain, made = voice.gain * args["volume"], 0
        for segment in segments(args["text"]):
            begun: list[Sentence] = []
            for phonemes in voice.read(segment):
                if call.cancelled:
                    return
                begun.append(voice.begin(phonemes, scales, speaker))
                yield made / self._rate_hz
            placed = segment_marks(begun, partial(voice.words, segment), self._rate_hz)
            sounds = (sound for sentence in begun for sound in sentence.sound)
            rest = ((0, sound) for sound in sounds)
            for cut, sound in rest if made else after_silence(sounds, self._rate_hz, voice.gain):
                if call.cancelled:
                    return
                if len(sound):  # a resampler may buffer a whole chunk
                    call.emit([pcm(sound, gain), moved(placed, made - cut)])
                    placed, made = (), made + len(sound)
                yield made / self._rate_hz
        call.done(voice.whole)

    def _voice(self, path: str) -> LoadedVoice:
        """The voice in a file; loads it in place of the least recently used one."""
        with self._lock:
            voice = self._loaded.get(path)
        if voice is not None:
            return voice
        with self._loading:
            # Of several calls that need the same voice only the first still finds it absent.
            with self._lock:
                voice = self._loaded.get(path)
            if voice is None:
                voice = LoadedVoice(Path(path), self._rate_hz)
                with self._lock:
                    self._loaded[path] = voice
            return voice
