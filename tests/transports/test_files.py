from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from frametalk.errors import ConfigError
from frametalk.transports.files import ASK_EACH_TIME, FOR_EVER, MAX_TOTAL_BYTES, Files
from frametalk.transports.http import Page, Request

HTML = b"<!doctype html><title>tavern</title>" + b"<p>ale</p>" * 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "index.html": HTML,
        "assets/main-Bq3x_9aZ.js": b"export const ale = 1;\n" * 40,
        "assets/talk-worker-CMUUGTJL.js": b"export {};",
        "assets/plain.js": b"export {};",
        "head.png": b"\x89PNG" + bytes(200),
        ".git/config": b"secret",
        "notes/.hidden.txt": b"secret",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path


def get(files: Files, path: str, **headers: str) -> Page:
    page = files.answer(Request(path, upgrade=False, **headers))
    assert page is not None, path
    return page


def test_the_root_is_the_index(folder: Path) -> None:
    page = get(Files(folder), "/")
    assert (page.status, page.body) == (200, HTML)
    assert page.content_type == "text/html; charset=utf-8"
    assert page.body == get(Files(folder), "/index.html").body


@pytest.mark.parametrize(
    "path",
    [
        "/absent.js",
        "/assets",
        "/assets/",
        "/../secret",
        "/assets/../index.html",
        "/%2e%2e/secret",
        "//index.html",
        "/.git/config",
        "/notes/.hidden.txt",
        "",
        "index.html",
    ],
)
def test_a_path_that_is_not_a_file_is_not_served(folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("secret")
    assert Files(folder).answer(Request(path, upgrade=False)) is None


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "passwords.txt").symlink_to("/etc/passwd")
    assert Files(folder).answer(Request("/passwords.txt", upgrade=False)) is None


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/", ASK_EACH_TIME),
        ("/assets/main-Bq3x_9aZ.js", FOR_EVER),
        ("/assets/talk-worker-CMUUGTJL.js", ASK_EACH_TIME),  # it has the policy that comes with it
        ("/assets/plain.js", ASK_EACH_TIME),  # its name does not change with its content
        ("/head.png", ASK_EACH_TIME),
    ],
)
def test_only_names_with_a_hash_are_cached_for_ever(folder: Path, path: str, caching: str) -> None:
    assert get(Files(folder), path).headers["Cache-Control"] == caching


def test_an_unchanged_file_is_answered_with_304(folder: Path) -> None:
    files = Files(folder)
    tag = get(files, "/").headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        page = get(files, "/", if_none_match=known)
        assert (page.status, page.body) == (304, b"")
        assert page.headers["ETag"] == tag
    assert get(files, "/", if_none_match='"other"').status == 200


def test_changed_content_changes_the_tag(folder: Path) -> None:
    before = get(Files(folder), "/").headers["ETag"]
    (folder / "index.html").write_bytes(HTML + b"!")
    assert get(Files(folder), "/").headers["ETag"] != before


@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.8", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("deflate, br", False),
        ("", False),
    ],
)
def test_text_is_compressed_if_the_client_accepts_gzip(
    folder: Path, accepted: str, zipped: bool
) -> None:
    page = get(Files(folder), "/", accept_encoding=accepted)
    assert (page.headers.get("Content-Encoding") == "gzip") is zipped
    assert (gzip.decompress(page.body) if zipped else page.body) == HTML
    assert page.headers["Vary"] == "Accept-Encoding"


def test_a_picture_is_not_compressed_twice(folder: Path) -> None:
    page = get(Files(folder), "/head.png", accept_encoding="gzip")
    assert "Content-Encoding" not in page.headers
    assert page.content_type == "image/png"


def test_a_page_may_connect_to_the_successor_too(folder: Path) -> None:
    policy = get(Files(folder, "wss://b.example:8443/v1"), "/").headers["Content-Security-Policy"]
    assert "connect-src 'self' data: blob: wss://b.example:8443; worker-src 'self'" in policy
    assert "b.example" not in get(Files(folder), "/").headers["Content-Security-Policy"]


def test_every_page_has_its_security_headers(folder: Path) -> None:
    for path in ("/", "/assets/plain.js", "/head.png"):
        headers = get(Files(folder), path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["worker-src"] == "'self'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "microphone=(self)" in headers["Permissions-Policy"]


def test_a_folder_without_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no index\.html"):
        Files(tmp_path)
    with pytest.raises(ConfigError, match=r"no index\.html"):
        Files(tmp_path / "absent")


def test_an_unknown_type_is_refused_by_name(folder: Path) -> None:
    (folder / "tool.exe").write_bytes(b"MZ")
    with pytest.raises(ConfigError, match=r"/tool\.exe"):
        Files(folder)


def test_a_folder_that_is_too_large_is_refused(folder: Path) -> None:
    with (folder / "film.wasm").open("wb") as film:
        film.truncate(MAX_TOTAL_BYTES)
    with pytest.raises(ConfigError, match="more than 64 MiB"):
        Files(folder)
