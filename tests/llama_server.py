"""llama.cpp's own HTTP server, with tools: python tests/llama_server.py GGUF PORT [CONTEXT] [THREADS]

It prints the address once it listens, and serves until it is stopped.
"""

from __future__ import annotations

import signal
import sys

import xllamacpp

CONTEXT_TOKENS = 4096


def main(gguf: str, port: str, context: str = str(CONTEXT_TOKENS), threads: str = "1") -> None:
    """Serve one model to one client at a time."""
    options = xllamacpp.CommonParams()
    options.model.path = gguf
    options.port = int(port)
    options.n_ctx = int(context)
    options.n_parallel = 1
    options.use_jinja = True  # the model's own template, which may take tools
    for cores in (options.cpuparams, options.cpuparams_batch):
        cores.n_threads = int(threads)
    server = xllamacpp.Server(options)
    print(server.listening_address, flush=True)  # noqa: T201  (a program for a terminal)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
