"""Language tags: which of an engine's languages serves the one that is asked for."""

from __future__ import annotations

import pytest

from frametalk.languages import lookup, standard

# Some of espeak-ng's names, among them two that are not BCP 47 tags.
ESPEAK = (
    *("ar", "ca", "chr-US-Qaaa-x-west", "cmn", "cmn-latn-pinyin", "de", "en-029", "en-gb"),
    *("en-gb-scotland", "en-shaw", "en-us", "en-us-nyc", "es", "es-419", "et", "fa", "fa-latn"),
    *("fr-be", "fr-ch", "fr-fr", "he", "id", "it", "ja", "ko", "lv", "nb", "pt", "pt-br", "ro"),
    *("sr", "sw", "uz", "vi", "vi-vn-x-south", "yue"),
)


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("en", "en-us"),
        ("en-GB", "en-gb"),
        ("en_US", "en-us"),
        ("EN-us", "en-us"),
        ("en_US.UTF-8", "en-us"),
        ("en-AU", "en-gb"),
        ("en-Latn-US", "en-us"),
        ("en-GB-scotland", "en-gb-scotland"),
        ("de-DE", "de"),
        ("de_AT@euro", "de"),
        ("de-DE-1996-u-co-phonebk", "de"),
        ("fr", "fr-fr"),
        ("fr-FR", "fr-fr"),
        ("fr-CA", "fr-fr"),
        ("fr-BE", "fr-be"),
        ("es-419", "es-419"),
        ("es-MX", "es"),
        ("pt-BR", "pt-br"),
        ("pt-PT", "pt"),
        ("zh", "cmn"),
        ("zh-CN", "cmn"),
        ("zh-TW", "cmn"),
        ("zh_Hant_HK", "cmn"),
        ("zh-cmn-Hans-CN", "cmn"),
        ("zh-yue", "yue"),
        ("yue-HK", "yue"),
        ("no", "nb"),
        ("nb-NO", "nb"),
        ("arb", "ar"),
        ("ar-EG", "ar"),
        ("arz", "ar"),
        ("ekk", "et"),
        ("lvs", "lv"),
        ("pes-IR", "fa"),
        ("prs", "fa"),
        ("swh", "sw"),
        ("iw", "he"),
        ("in", "id"),
        ("mo", "ro"),
        ("sh", "sr"),
        ("sr_Latn_RS", "sr"),
        ("uz-Cyrl", "uz"),
        ("vi-VN", "vi"),
        ("chr", "chr-US-Qaaa-x-west"),
        ("ca-ES-valencia", "ca"),
    ],
)
def test_a_tag_finds_the_nearest_language(tag: str, found: str) -> None:
    assert lookup(tag, ESPEAK) == found


@pytest.mark.parametrize(
    "tag", ["", "xx", "und", "mul", "gl", "br", "mn-MN", "tlh", "C", "english"]
)
def test_another_language_is_not_good_enough(tag: str) -> None:
    assert lookup(tag, ESPEAK) is None


def test_an_engine_may_name_only_the_broad_language() -> None:
    whisper = ("en", "no", "zh", "yue", "pt", "iw")
    tags = ("nb-NO", "cmn", "zh-TW", "yue-HK", "pt-BR", "he-IL")
    assert [lookup(tag, whisper) for tag in tags] == ["no", "zh", "zh", "yue", "pt", "iw"]


def test_tags_have_one_form() -> None:
    tags = ("en_gb.UTF-8", "ZH-hant-tw", "cmn", "iw_IL", "no way", "")
    assert [standard(tag) for tag in tags] == ["en-GB", "zh-Hant-TW", "zh", "he-IL", "", ""]
