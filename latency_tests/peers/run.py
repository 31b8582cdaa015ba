"""Runs the peer harness with frametalk as one of the peers: `run.py frametalk latency --mode best`."""

from __future__ import annotations

import argparse
import asyncio
import functools
import importlib
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BESIDE_REPOSITORY = HERE.parents[2] / "shared" / "peers"


def free_ports(count: int) -> list[int]:
    """Ports that are free now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def stopping_on_failure(bench: type[Any]) -> type[Any]:
    """The harness's class for its processes, which stops them all when the server does not start."""

    class Bench(bench):  # type: ignore[misc]
        async def __aenter__(self) -> Any:
            try:
                return await super().__aenter__()
            except BaseException:
                await self.__aexit__()
                raise

    return Bench


def main() -> None:
    """Run the harness's own command line."""
    folder = Path(os.environ.get("FRAMETALK_PEERS") or BESIDE_REPOSITORY).resolve()
    if not (folder / "bench.py").is_file():
        sys.exit(f"no peer harness in {folder}: set FRAMETALK_PEERS to its folder")
    os.environ["FRAMETALK_PEERS"] = str(folder)  # for the server
    sys.path.append(str(folder))
    bench, client = importlib.import_module("bench"), importlib.import_module("client")
    adapter = importlib.import_module("client_adapter")
    client.ADAPTERS["frametalk"] = adapter.Frametalk
    bench.PEERS["frametalk"] = (sys.executable, str(HERE / "frametalk_server.py"), "frametalk")
    # Free ports, so that it cannot measure a server that was left running.
    bench.PORT, bench.LLM_PORT = free_ports(2)
    bench.Bench = stopping_on_failure(bench.Bench)
    bench.control = functools.partial(bench.control, f"http://127.0.0.1:{bench.LLM_PORT}")
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--out")
    if parser.parse_known_args()[0].out is None:
        out = tempfile.mkdtemp(prefix="frametalk-peers-")
        sys.stderr.write(f"writing results to {out}\n")
        sys.argv += ["--out", out]
    asyncio.run(bench.main())


if __name__ == "__main__":
    main()
