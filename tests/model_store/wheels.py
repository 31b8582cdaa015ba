"""Wheels that contain parts of a small model, good and hostile, and the pins of that model."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from frametalk.model_store.pins import Part, PinnedFile, Pins, Wheel

WEIGHTS = bytes(range(256)) * 40
CONFIG = b'{"layers": 2}'


@dataclass
class FakeIndex:
    """`members`: content of each distribution's wheel, by path. `pins` stay those of the good model."""

    folder: Path
    members: dict[str, dict[str, bytes]] = field(
        default_factory=lambda: {
            "weights-1": {"weights_1/data/model.bin.part1": WEIGHTS[:6_000]},
            "weights-2": {
                "weights_2/data/model.bin.part2": WEIGHTS[6_000:],
                "weights_2/data/config.json": CONFIG,
                "weights_2/__init__.py": b"raise AssertionError('imported')",
            },
        }
    )
    downloaded: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Write the wheels as an index would serve them."""
        self.folder.mkdir(exist_ok=True)
        for distribution, members in self.members.items():
            with zipfile.ZipFile(self.file(distribution), "w", zipfile.ZIP_DEFLATED) as archive:
                for path, data in {**metadata(distribution), **members}.items():
                    archive.writestr(path, data)

    def file(self, distribution: str) -> Path:
        return self.folder / f"{distribution.replace('-', '_')}-1.0-py3-none-any.whl"

    @property
    def pins(self) -> Pins:
        digests = {data: hashlib.sha256(data).hexdigest() for data in (WEIGHTS, CONFIG)}
        return Pins(
            wheels=(Wheel("weights-1", "1.0", 20_000), Wheel("weights-2", "1.0", 20_000)),
            files=(
                PinnedFile(
                    "model.bin",
                    len(WEIGHTS),
                    digests[WEIGHTS],
                    (
                        Part(0, "weights_1/data/model.bin.part1"),
                        Part(1, "weights_2/data/model.bin.part2"),
                    ),
                ),
                PinnedFile(
                    "config.json",
                    len(CONFIG),
                    digests[CONFIG],
                    (Part(1, "weights_2/data/config.json"),),
                ),
            ),
        )


def metadata(distribution: str) -> dict[str, bytes]:
    """What makes an archive a wheel."""
    info = f"{distribution.replace('-', '_')}-1.0.dist-info"
    return {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
