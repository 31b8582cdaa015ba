"""espeak-ng in the worker process: the only file that uses the GPL library."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, ClassVar

import espeakng_loader

from frametalk.workers.child import ChildCall

SYNCHRONOUS = 2
BUFFER_MS = 50
# Phoneme events, phoneme names in IPA, no exit of the process on an error.
OPTIONS = 0x1 | 0x2 | 0x8000
UTF8 = 1
RATE_PARAMETER, VOLUME_PARAMETER = 1, 2
WORDS_PER_MINUTE = 165
FULL_VOLUME = 100
EVENT_END, EVENT_WORD, EVENT_PHONEME = 0, 1, 7
STOP, CONTINUE = 1, 0


class _Id(ctypes.Union):
    _fields_: ClassVar = [
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    ]


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    ]


class _Voice(ctypes.Structure):
    _fields_: ClassVar = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def _languages_of(address: int) -> Iterator[tuple[int, str]]:
    """(priority, language) of a voice: a byte, then text that ends with 0; a byte 0 ends the list."""
    while priority := ctypes.string_at(address, 1)[0]:
        language = ctypes.string_at(address + 1)
        yield priority, language.decode("utf-8", "ignore")
        address += len(language) + 2


class EspeakHandler:
    """Serves `rate`, `languages` and `speak`, which emits (pcm, words, phonemes) as the library makes them.

    Words are [first character, length, sample]; phonemes are [IPA, sample].
    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate_hz = self._library.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, data, OPTIONS)
        if self.rate_hz <= 0:
            raise RuntimeError("espeak-ng cannot be initialised")
        self._callback = _Callback(self._on_sound)  # referenced: the library has only its address
        self._library.espeak_SetSynthCallback(self._callback)
        self._call: ChildCall | None = None
        self._voice = ""
        self._languages = self._listed_languages()

    def open(self, call: ChildCall, op: str, args: Any) -> None:
        """Serve a call; `speak` runs until it ends or is cancelled."""
        if op == "rate":
            call.done(self.rate_hz)
            return
        if op == "languages":
            call.done(sorted(self._languages))
            return
        if not self._set_voice(args["voice"]):
            call.fail(
                "voice_failed",
                f"espeak-ng has no voice {args['voice']!r}",
                "use a language such as en, en-us, de or fr, or a name that `frametalk say --list` shows",
            )
            return
        speed = round(WORDS_PER_MINUTE * args["speed"])
        self._library.espeak_SetParameter(RATE_PARAMETER, speed, 0)
        volume = round(FULL_VOLUME * args["volume"])
        self._library.espeak_SetParameter(VOLUME_PARAMETER, volume, 0)
        text = args["text"].encode() + b"\0"
        self._call = call
        self._library.espeak_Synth(text, len(text), 0, 1, 0, UTF8, None, None)
        self._call = None
        call.done()

    def input(self, call: ChildCall, item: Any) -> None:
        """Not used."""

    def cancelled(self, call: ChildCall) -> None:
        """Nothing to do: the callback checks it."""

    def _set_voice(self, voice: str) -> bool:
        if voice != self._voice:
            file = self._languages.get(voice, voice)
            if self._library.espeak_SetVoiceByName(file.encode()) != 0:
                return False
            self._voice = voice
        return True

    def _listed_languages(self) -> dict[str, str]:
        """Every language, with the file of the voice that serves it best."""
        found: Any = self._library.espeak_ListVoices
        found.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        best: dict[str, tuple[int, str]] = {}
        index, listed = 0, found(None)
        while listed[index]:
            voice = listed[index].contents
            file = voice.identifier.decode("utf-8", "ignore")
            for priority, language in _languages_of(voice.languages):
                best[language] = min((priority, file), best.get(language, (priority, file)))
            index += 1
        return {language: file for language, (_priority, file) in best.items()}

    def _on_sound(self, samples: Any, count: int, events: Any) -> int:
        call = self._call
        if call is None or call.cancelled:
            return STOP
        words, phonemes, index = [], [], 0
        while (event := events[index]).type != EVENT_END:
            index += 1
            if event.type == EVENT_WORD:
                words.append([event.text_position - 1, event.length, event.sample])
            elif event.type == EVENT_PHONEME:
                phonemes.append([event.id.string.decode("utf-8", "ignore"), event.sample])
        pcm = ctypes.string_at(samples, count * 2) if samples and count > 0 else b""
        if pcm or words or phonemes:
            call.emit([pcm, words, phonemes])
        return CONTINUE
