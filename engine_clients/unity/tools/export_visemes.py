"""Write the tables of protocols/visemes.json as C#.

export_visemes.py          writes Runtime/Core/Mouth/VisemeTables.cs
export_visemes.py --check  exits with 1 if the file is not what it would write
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[2] / "protocols" / "visemes.json"
TARGET = HERE.parent / "com.frametalk.client" / "Runtime" / "Core" / "Mouth" / "VisemeTables.cs"

HEAD = """// Written by engine_clients/unity/tools/export_visemes.py from protocols/; do not edit.
namespace Frametalk
{
    /// <summary>The tables of protocols/visemes.json.</summary>
    internal static class VisemeTables
    {
"""


def texts(values: list[str]) -> str:
    return ", ".join(json.dumps(value) for value in values)


def table(name: str, visemes: list[str], shapes: dict[str, dict[str, float]]) -> str:
    rows = [f"        public static readonly Part[][] {name} =", "        {"]
    for viseme in visemes:
        parts = ", ".join(
            f"new Part({json.dumps(key)}, {value}f)" for key, value in shapes[viseme].items()
        )
        made = f"new Part[] {{ {parts} }}" if parts else "new Part[0]"
        rows.append(f"            {made}, // {viseme}")
    return "\n".join([*rows, "        };", ""])


def written() -> str:
    data = json.loads(SOURCE.read_text(encoding="utf-8"))
    visemes = data["visemes"]
    lines = [HEAD + f"        public static readonly string[] Names = {{ {texts(visemes)} }};", ""]
    closures = ", ".join("true" if name in data["closures"] else "false" for name in visemes)
    lines += [f"        public static readonly bool[] Closures = {{ {closures} }};", ""]
    for key, value in data["curve"].items():
        words = "".join(word.capitalize() for word in key.split("_"))
        lines.append(f"        public const double {words} = {value};")
    lines += ["", table("Arkit", visemes, data["arkit"]), table("Vrm", visemes, data["vrm"])]
    lines += ["        public static readonly string[][] Aliases =", "        {"]
    lines += [f"            new string[] {{ {texts(data['aliases'][name])} }}," for name in visemes]
    return "\n".join([*lines, "        };", "    }", "}", ""])


def main() -> int:
    text = written()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET} differs from {SOURCE}: run {Path(__file__).name}", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
