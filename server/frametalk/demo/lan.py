"""What a headset on the same network needs: this machine's addresses, a certificate, a code to scan.

Browsers give microphone and XR to secure pages only, and no authority signs certificates for local
addresses. So this machine makes and keeps its own certificate, and the player accepts it once.
"""

from __future__ import annotations

import io
import ipaddress
import os
import socket
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psutil  # type: ignore[import-untyped]
import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 397  # browsers refuse longer ones
RENEW_DAYS = 7  # a certificate that expires sooner is replaced


class Identity(NamedTuple):
    """Two PEM files."""

    certificate: Path
    key: Path


def addresses() -> list[str]:
    """IPv4 addresses under which other machines may reach this one, private networks first."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = {
        ipaddress.IPv4Address(address.address)
        for name, interface in psutil.net_if_addrs().items()
        if name in up
        for address in interface
        if address.family == socket.AF_INET
    }
    reachable = (ip for ip in found if not (ip.is_loopback or ip.is_link_local))
    return [str(ip) for ip in sorted(reachable, key=lambda ip: (not ip.is_private, ip))]


def identity(folder: Path, names: Iterable[str], now: datetime) -> Identity:
    """The certificate for `names` (hosts or addresses) and its key, made if none in `folder` fits.

    It is kept, so that a headset accepts it only once. `now` has a time zone. Raises OSError if the folder
    cannot be written.
    """
    found = Identity(folder / "certificate.pem", folder / "key.pem")
    hosts = frozenset(names)
    if not (found.key.is_file() and _fits(found.certificate, hosts, now)):
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        _write_privately(
            found.key,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
        certificate = _self_signed(key, sorted(hosts), now)
        found.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return found


def code(text: str) -> str:
    """A QR code of `text` in characters for a terminal."""
    drawn = io.StringIO()
    segno.make(text, error="m", micro=False).terminal(drawn, compact=True, border=2)
    return drawn.getvalue()


def _fits(file: Path, hosts: frozenset[str], now: datetime) -> bool:
    """Whether a certificate names all `hosts` and stays valid for a while."""
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        return False
    end = certificate.not_valid_after_utc - timedelta(RENEW_DAYS)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    named = {
        *names.get_values_for_type(x509.DNSName),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    }
    return certificate.not_valid_before_utc <= now <= end and hosts <= named


def _self_signed(
    key: ec.EllipticCurvePrivateKey, names: list[str], now: datetime
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "frametalk on this machine")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # a headset's clock may be behind
        .not_valid_after(now + timedelta(VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .sign(key, hashes.SHA256())
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_privately(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, from its creation on."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
