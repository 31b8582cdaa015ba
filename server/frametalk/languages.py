"""Language tags: which of an engine's languages serves the one that a client asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable

import langcodes

OTHER_LANGUAGE = 20  # CLDR's distance: regions are up to 5 apart, Egyptian and Arabic 10
_POSIX_SUFFIX = re.compile(r"[.@].*")  # "de_DE.UTF-8@euro", as operating systems write locales


def standard(tag: str) -> str:
    """The tag in BCP 47's usual form, such as `en-GB` for "en_gb.UTF-8"; empty if it is not a tag.

    A language of a macrolanguage has the name that is usual for it, such as `zh` for `cmn`.
    """
    try:
        return langcodes.standardize_tag(_POSIX_SUFFIX.sub("", tag.strip()), macro=True)
    except ValueError:
        return ""


def lookup(tag: str, available: Iterable[str]) -> str | None:
    """The member of `available` that serves `tag` best; None if none has the language.

    RFC 4647's lookup first (`de-AT` finds `de`), then the nearest region or script by CLDR's distances:
    `en-AU` finds `en-gb` before `en-us`, `zh` finds `cmn` and `no` finds `nb`.
    """
    wanted = standard(tag)
    if not wanted:
        return None
    served = {name.lower(): name for name in available}
    subtags = _POSIX_SUFFIX.sub("", tag.strip()).replace("_", "-").lower().split("-")
    for end in range(len(subtags), 0, -1):
        if (found := served.get("-".join(subtags[:end]))) is not None:
            return found
    ranked = [
        (distance, index, name)
        for index, name in enumerate(served.values())
        if (distance := _distance(wanted, name)) < (OTHER_LANGUAGE, 0)
    ]
    return min(ranked)[2] if ranked else None


def _distance(wanted: str, name: str) -> tuple[int, int]:
    """How far a language is from the wanted one, and from that one in its usual region."""
    language = wanted.partition("-")[0]
    if not langcodes.tag_is_valid(name):
        # An engine's own name, such as "chr-US-Qaaa-x-west"; only another one may be better.
        return (OTHER_LANGUAGE - (name.partition("-")[0].lower() == language), 0)
    # What is spoken has no script: a voice for `cmn` also serves `zh-Hant`.
    return (
        langcodes.tag_distance(wanted, name, ignore_script=True),
        langcodes.tag_distance(language, name),
    )
