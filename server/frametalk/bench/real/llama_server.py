"""llama.cpp's own HTTP server, as a program: GGUF PORT THREADS. It serves until it is stopped."""

from __future__ import annotations

import signal
import sys

import xllamacpp

CONTEXT_TOKENS = 4_096


def main(gguf: str, port: str, threads: str) -> None:
    """Serve one model to one client at a time; print the address once it listens."""
    options = xllamacpp.CommonParams()
    options.model.path = gguf
    options.port = int(port)
    options.n_ctx = CONTEXT_TOKENS
    options.n_parallel = 1
    options.use_jinja = True  # the model's own template
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = int(threads)
    server = xllamacpp.Server(options)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
