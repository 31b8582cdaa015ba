"""The table of layers: what each part of the package may import.

`test_layers.py` enforces it, and `docs/export_layers.py` writes it into docs/architecture.md. A layer is a
folder or file under `frametalk`; the most specific name that fits a module is its layer.
"""

from __future__ import annotations

from dataclasses import dataclass

# Leaves import nothing of frametalk but `errors`; they are what several layers share.
LEAVES = frozenset({"frametalk", "errors", "trace", "tasks", "config", "logs", "boundary"})


@dataclass(frozen=True)
class Layer:
    """What a layer may import, by name of layer or module, and which third-party packages.

    A name covers everything beneath it; `frametalk` alone is the package's version.
    """

    ours: frozenset[str]
    third_party: frozenset[str] = frozenset()


def layer(ours: str = "", third_party: str = "", *, leaves: bool = True) -> Layer:
    names = frozenset(ours.split()) | (LEAVES if leaves else {"errors"})
    return Layer(names, frozenset(third_party.split()))


ADAPTERS = "core workers adapters.abilities adapters.base models"
SESSION = (
    "context core text wire transports pipeline adapters.base engines metrics schemas languages"
    " handshake media_boundary"
)

LAYERS: dict[str, Layer] = {
    "frametalk": Layer(frozenset()),
    "errors": Layer(frozenset()),
    "trace": layer(leaves=False),
    "clock_offset": layer(leaves=False),
    "waterfall": layer("clock_offset"),
    "boundary": layer(leaves=False),
    "tasks": layer("boundary", leaves=False),
    "resumption": layer("", "cachetools", leaves=False),
    "tokens": layer("", "msgspec jwt cryptography"),
    "addresses": layer(leaves=False),
    "admission": layer("addresses tokens resumption wire.messages"),
    "successor": layer("resumption transports.link wire.messages"),
    "quotas": layer("admission"),
    "loop_lag": layer(),
    "freed_memory": layer(),
    "engine_waits": layer("loop_lag"),
    # The one part of the core for it: types of settings, which import nothing themselves.
    "config": layer("core.modes core.caps core.objective", "msgspec", leaves=False),
    "logs": layer(leaves=False),
    "places": layer("", "platformdirs", leaves=False),
    "models": layer("places", leaves=False),
    "metrics": layer("workers", "prometheus_client"),
    "languages": layer("", "langcodes", leaves=False),
    "schemas": layer("core.tools", "cachetools jsonschema_rs"),
    "core": layer("core", "numpy", leaves=False),
    "core.modes": Layer(frozenset()),
    "core.caps": Layer(frozenset()),
    "core.objective": Layer(frozenset()),
    "text": layer("core text", leaves=False),
    "text.number_words": layer("text", "num2words", leaves=False),
    "wire": layer("core wire", "msgspec", leaves=False),
    "wire.keys": layer("wire", "msgpack", leaves=False),
    "transports": layer("wire transports", "msgspec"),
    "transports.opus": layer("wire transports", "av"),
    "transports.websocket": layer("wire transports", "msgspec websockets"),
    "transports.media_frames": layer("wire", "websockets"),
    "transports.websocket_client": layer("wire transports", "msgspec websockets"),
    "transports.websocket_server": layer("wire transports", "msgspec websockets"),
    # Peer connections; what has to do with aiortc and av is in as few files as they need.
    "transports.webrtc": layer("core wire transports"),
    "transports.webrtc.aioice_guard": layer(third_party="aioice"),
    "transports.webrtc.receive_buffer": layer("transports.webrtc.red", "aiortc"),
    "transports.webrtc.server_peer": layer("transports", "aiortc"),
    "transports.webrtc.client_peer": layer("core wire transports", "aiortc av"),
    "transports.webrtc.speech_track": layer("core wire transports", "aiortc av numpy soxr"),
    "transports.webrtc.resampling": layer("core", "numpy soxr"),
    "transports.webrtc.track_sound": layer("core wire transports", "numpy"),
    "media_upgrade": layer("wire transports"),
    "media_loader": layer("media_upgrade transports.webrtc.names", "msgspec"),
    "media_boundary": layer("context wire media_loader media_upgrade"),
    "workers": layer("workers", "msgspec"),
    # One file per library: the package's other files, and the rest of frametalk, do not know it.
    "adapters": layer("core"),
    "adapters.base": layer("core", "numpy"),
    "adapters.abilities": layer("adapters.base core"),
    "adapters.registry": layer("adapters.base", "msgspec"),
    "adapters.onnx_model": layer(third_party="onnxruntime"),
    "adapters.auto": layer(
        "core models adapters.auto adapters.abilities adapters.base adapters.registry"
    ),
    "adapters.auto.kept": layer("places", "msgspec"),
    "adapters.auto.rates": layer("adapters.base", "numpy soxr"),
    "adapters.auto.trials": layer("core adapters.auto adapters.base adapters.registry", "numpy"),
    "adapters.vad": layer(f"{ADAPTERS} adapters.onnx_model adapters.vad", "numpy"),
    "adapters.vad.silero_model": layer(f"{ADAPTERS} adapters.vad", "numpy threadpoolctl"),
    "adapters.turn": layer(f"{ADAPTERS} adapters.onnx_model adapters.turn", "numpy"),
    "adapters.asr": layer(f"{ADAPTERS} adapters.asr", "numpy"),
    "adapters.asr.pocketsphinx.scene_language": layer(f"{ADAPTERS} adapters.asr text.number_words"),
    "adapters.asr.pocketsphinx.recogniser": layer(f"{ADAPTERS} adapters.asr places", "cachetools"),
    "adapters.asr.pocketsphinx.worker": layer(
        f"{ADAPTERS} adapters.asr", "cachetools pocketsphinx"
    ),
    "adapters.asr.whisper.recogniser": layer(f"{ADAPTERS} adapters.asr models"),
    "adapters.asr.whisper.worker": layer(
        f"{ADAPTERS} adapters.asr", "numpy faster_whisper ctranslate2"
    ),
    "adapters.llm": layer(f"{ADAPTERS} adapters.llm", "msgspec"),
    "adapters.llm.scripted_openai": layer(f"{ADAPTERS} adapters.llm adapters.registry"),
    "adapters.llm.openai.client": layer(f"{ADAPTERS} adapters.llm", "openai httpx2"),
    "adapters.llm.scripted.likeness": layer(f"{ADAPTERS} adapters.llm", "rapidfuzz"),
    "adapters.tts": layer(f"{ADAPTERS} adapters.tts", "numpy"),
    "adapters.tts.cached": layer(f"{ADAPTERS} adapters.tts", "cachetools"),
    "adapters.tts.resampled": layer(f"{ADAPTERS} adapters.tts", "numpy soxr"),
    "adapters.tts.espeak.worker": layer(f"{ADAPTERS} adapters.tts", "espeakng_loader"),
    "model_store": layer("models model_store", "msgspec filelock"),
    "mind_stub": layer("adapters.base adapters.llm.scripted core mind_stub", "msgspec"),
    "mind_stub.http": layer("", "h11"),
    "adapters.tts.piper.sound": layer(f"{ADAPTERS} adapters.tts", "numpy soxr"),
    "adapters.tts.piper.worker": layer(f"{ADAPTERS} adapters.tts", "cachetools numpy piper"),
    "adapters.tts.piper.vits_split": layer(f"{ADAPTERS} adapters.tts", "onnx"),
    "adapters.tts.piper.vits_run": layer(f"{ADAPTERS} adapters.tts", "numpy onnxruntime"),
    "disk_writer": layer(leaves=False),
    "audit": layer("disk_writer"),
    "session_record": layer("disk_writer core.audio"),
    "records": layer("disk_writer places session_record"),
    "context": layer(
        "diary core.events core.objective wire transports.link metrics audit session_record",
        "msgspec",
    ),
    "pipeline": layer(
        "context diary core text wire pipeline adapters.abilities adapters.base clock_offset waterfall",
        "cachetools numpy soxr",
    ),
    "adapters.guard": layer("core.guard adapters.guard adapters.base"),
    "adapters.guard.openai_moderation": layer(
        "core.guard adapters.guard adapters.base", "msgspec openai"
    ),
    "handshake": layer(
        "core wire transports pipeline.microphone adapters.abilities adapters.base languages tokens"
        " privacy",
        "msgspec",
    ),
    "privacy": layer(
        "addresses core.languages wire.messages adapters.abilities adapters.base engines"
    ),
    "conversation": layer(SESSION),
    # One session, in four files.
    "session_state": layer(
        f"{SESSION} conversation resumption handover.session audit records core.caps"
    ),
    "session_intake": layer(f"{SESSION} conversation session_state"),
    "session_handover": layer(f"{SESSION} session_state handover", "msgspec"),
    "session": layer(
        f"{SESSION} diary conversation admission tokens privacy handover session_state session_intake"
        " session_handover media_loader adapters.abilities",
        "msgspec",
    ),
    # What of a session outlives its server; only the keeper and the store know of files.
    "handover": layer(f"{SESSION} conversation handover privacy resumption", "msgspec"),
    "engines": layer(
        "adapters.registry adapters.abilities adapters.base adapters.tts.cached adapters.tts.resampled"
    ),
    "stop_signals": layer("", leaves=False),
    "server": layer(
        "diary wire transports engines metrics session session_state replay admission resumption tokens"
        " handover audit core.caps records context addresses quotas loop_lag engine_waits successor"
    ),
    "diary": layer(leaves=False),
    "perfetto": layer("diary workers"),
    "page_token": layer("addresses admission transports"),
    "debug_state": layer("diary server session wire.messages workers", "numpy"),
    "debug_page": layer(
        "debug_state diary engines page_token perfetto server transports workers", "msgspec"
    ),
    "pages": layer("debug_page page_token server engines metrics successor transports", "msgspec"),
    "app": layer(
        "text transports engines metrics server pages debug_page admission stop_signals workers privacy"
        " media_loader records freed_memory schemas"
    ),
    # Records sessions at their boundary, and runs whole ones again.
    "replay": layer(
        "replay core wire transports.link adapters.base engines privacy tokens disk_writer records session"
        " session_state metrics admission handover media_loader",
        "msgspec",
    ),
    "replay.run": layer(
        "replay core diary transports.opus metrics admission records session session_record"
        " session_state handover wire",
        "msgspec",
    ),
    "replay.swaps": layer("replay engines adapters.registry running"),
    "netlab": layer("netlab", "msgspec"),
    "byhand": layer("core text adapters.base byhand", "numpy soxr"),
    "byhand.picture": layer("core byhand", "matplotlib numpy"),
    "headless": layer("core wire transports headless", "msgspec numpy soundfile soxr rich"),
    "bench": layer("core wire transports headless bench", "msgspec numpy psutil rich"),
    "bench.engines.whisper": layer(
        "core bench workers adapters.base adapters.asr", "msgspec numpy"
    ),
    "bench.engines.plain_whisper": layer("workers", "numpy faster_whisper"),
    "bench.random_models.whisper": layer("bench", "numpy ctranslate2 tokenizers"),
    # Hears and waits as a session does, but in audio time.
    "bench.turns.replay": layer(
        "core headless bench engines adapters.base pipeline.world", "msgspec numpy"
    ),
    # The same with recordings of people, for which it counts the processor time of workers.
    "bench.real.pauses": layer(
        "core headless bench adapters.registry adapters.base pipeline.world", "msgspec numpy psutil"
    ),
    "bench.engines.workers": layer("bench headless workers adapters.registry", "msgspec"),
    "bench.engines.worker_kills": layer("app bench headless workers"),
    "bench.engines.worker_deaths": layer(
        "bench adapters.base adapters.registry workers", "msgspec"
    ),
    "bench.engines.piper": layer("bench core.marks adapters.base adapters.tts workers", "msgspec"),
    # In a worker process of its own.
    "bench.engines.piper_timing": layer("adapters.tts workers.child", "numpy piper"),
    # They write a voice of random weights.
    "bench.random_models.vits_graph": layer("bench", "numpy onnx"),
    "bench.random_models.piper": layer("bench", "onnx"),
    # Types to whole sessions; the SDK is what the adapter is compared with.
    "bench.engines.typed_game": layer("wire transports headless session engines metrics"),
    "bench.engines.injections": layer("core wire headless", "msgspec"),
    "bench.engines.mind": layer("bench engines adapters.base headless mind_stub", "msgspec openai"),
    "bench.turns.report": layer("bench", "matplotlib rich"),
    # Hears, speaks and thinks with trained models through the adapters.
    "bench.real": layer(
        "core text headless bench adapters.abilities adapters.base adapters.registry workers",
        "msgspec numpy psutil rich soxr",
    ),
    "bench.real.recognisers": layer(
        "bench headless adapters.base adapters.registry pipeline.world"
    ),
    "bench.real.counted_whisper": layer("adapters.asr"),
    # In a worker process of its own.
    "bench.real.counted_worker": layer("adapters.asr workers.child"),
    "bench.real.plain": layer("bench adapters.asr workers"),
    # In a process of its own.
    "bench.real.llama_server": layer("", "xllamacpp"),
    # Whole sessions and clients on both sides of connections that are cut.
    "bench.attack": layer(
        "wire transports headless bench core freed_memory", "msgspec numpy rich websockets"
    ),
    # Players and a server in processes of their own.
    "bench.load": layer(
        "app bench core headless mind_stub running wire adapters.base adapters.registry",
        "msgspec numpy psutil rich",
    ),
    "bench.network": layer(
        "adapters core wire transports headless bench engines metrics netlab admission session"
        " session_state",
        "msgspec numpy",
    ),
    "bench.network.mic_path": layer("bench wire transports", "aiortc msgspec numpy"),
    "bench.network.report": layer("bench", "rich"),
    "doctor": layer("adapters engines models model_store", "rich"),
    "running": layer("app engines mind_stub", "msgspec uvloop"),
    "demo": layer(
        "adapters.abilities adapters.base adapters.registry app demo engines models places running",
        "msgspec",
    ),
    "demo.lan": layer(leaves=False, third_party="cryptography psutil segno"),
    "commands": layer(
        "adapters.abilities adapters.base adapters.registry app bench byhand commands text demo doctor"
        " engines core.audio headless mind_stub model_store models netlab perfetto pipeline.world replay"
        " running"
        " stop_signals records handover",
        "rich",
    ),
    "cli": layer("commands"),
}
