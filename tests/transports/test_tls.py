from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from frametalk.demo import lan
from frametalk.errors import ConfigError
from frametalk.transports.tls import context


@pytest.fixture
def pem(tmp_path: Path) -> lan.Identity:
    return lan.identity(tmp_path, ["localhost"], datetime.now(UTC))


def test_without_a_certificate_there_is_no_tls() -> None:
    assert context("", "") is None


def test_a_certificate_and_its_key_make_a_context(pem: lan.Identity) -> None:
    assert context(str(pem.certificate), str(pem.key)) is not None


def test_a_missing_file_is_named(pem: lan.Identity, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.pem: No such file"):
        context(str(pem.certificate), str(tmp_path / "absent.pem"))


def test_files_that_do_not_fit_are_refused(pem: lan.Identity, tmp_path: Path) -> None:
    other = lan.identity(tmp_path / "other", ["localhost"], datetime.now(UTC))
    with pytest.raises(ConfigError, match="not a certificate and its key"):
        context(str(pem.certificate), str(other.key))
    (tmp_path / "noise.pem").write_text("noise")
    with pytest.raises(ConfigError, match="not a certificate and its key"):
        context(str(tmp_path / "noise.pem"), str(pem.key))
