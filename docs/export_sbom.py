"""Write what an environment has installed for frametalk: `python docs/export_sbom.py > sbom.json`.

The form is CycloneDX 1.6, JSON. `--validate` also checks it against that schema, which needs the package
cyclonedx-python-lib[json-validation]. `--notice` writes the licences that NOTICE lists instead.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

ROOT = "frametalk"
# The licences of packages whose own metadata do not name one, as their files state it.
STATED = {"espeakng-loader": "GPL-3.0-or-later"}  # it contains espeak-ng
SPDX = {
    "MIT License": "MIT", "Apache Software License": "Apache-2.0", "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.1-or-later",
    "3-Clause BSD License": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
}  # fmt: skip


def sbom(extras: frozenset[str]) -> dict[str, Any]:
    """The bill of materials of frametalk with these extras, as far as they are installed."""
    found = installed(extras)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(found[ROOT], "application")},
        "components": [
            component(d, "library") for name, d in sorted(found.items()) if name != ROOT
        ],
        "dependencies": [
            {
                "ref": ref(d),
                "dependsOn": sorted({ref(found[n]) for n in needs(d, extras) if n in found}),
            }
            for _name, d in sorted(found.items())
        ],
    }


def notice(extras: frozenset[str]) -> str:
    """One line for each distribution: its name and its licence."""
    found = installed(extras)
    return "".join(f"{name}: {licence(d)}\n" for name, d in sorted(found.items()) if name != ROOT)


def installed(extras: frozenset[str]) -> dict[str, Distribution]:
    """frametalk and everything that it needs, by normal name."""
    found: dict[str, Distribution] = {}
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
        waiting += needs(found[name], extras)
    return found


def needs(dist: Distribution, extras: frozenset[str]) -> Iterator[str]:
    """The names that a distribution requires; of frametalk's also those of the extras."""
    for requirement in dist.requires or ():
        name, _, marker = requirement.partition(";")
        wanted = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", marker)
        if wanted and not (normal(dist.name) == ROOT and wanted[1] in extras):
            continue
        match = re.match(r"\s*([\w.-]+)", name)
        if match and normal(match[1]) != normal(dist.name):
            yield normal(match[1])


def component(dist: Distribution, kind: str) -> dict[str, Any]:
    """One component."""
    licences = [{"license": {"name": licence(dist)}}]
    if re.fullmatch(r"[\w.+() -]+", licence(dist)) and licence(dist) != "unknown":
        licences = [{"expression": licence(dist)}] if is_expression(licence(dist)) else licences
    return {
        "type": kind,
        "bom-ref": ref(dist),
        "name": normal(dist.name),
        "version": dist.version,
        "purl": ref(dist),
        "licenses": licences,
    }


def licence(dist: Distribution) -> str:
    """The licence as the metadata name it; `unknown` if they do not."""
    about = dist.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = (
        c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if "License" in c
    )
    named = [SPDX.get(each, each) for each in classifiers if each != "OSI Approved"]
    first = (about.get("License") or "").strip().partition("\n")[0][:80]
    first = SPDX.get(first, first)
    return " AND ".join(dict.fromkeys(named)) or first or STATED.get(normal(dist.name), "unknown")


def problem(bom: dict[str, Any]) -> str:
    """Where it breaks CycloneDX's schema; empty if it does not."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415  (only CI has the package)
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bom))
    return "" if found is None else str(found)[:1_000]


def is_expression(text: str) -> bool:
    """Whether it looks like an SPDX expression."""
    return all(re.fullmatch(r"\(*[A-Za-z0-9.+-]+\)*", word) for word in text.split())


def ref(dist: Distribution) -> str:
    """The package URL."""
    return f"pkg:pypi/{normal(dist.name)}@{dist.version}"


def normal(name: str) -> str:
    """A name as package indexes compare it. Source: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    everything = frozenset(distribution(ROOT).metadata.get_all("Provides-Extra") or ())
    used = everything - {"test"}
    if "--notice" in sys.argv:
        sys.stdout.write(notice(used))
    else:
        bom = sbom(used)
        json.dump(bom, sys.stdout, indent=2)
        sys.stdout.write("\n")
        if "--validate" in sys.argv and (why := problem(bom)):
            sys.exit(f"the bill of materials breaks the schema: {why}")
