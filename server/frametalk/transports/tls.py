"""A certificate and its key, as the listening socket takes them."""

from __future__ import annotations

import ssl

from frametalk.errors import ConfigError


def context(certificate: str, key: str) -> ssl.SSLContext | None:
    """What `listen` needs to speak TLS; None when no certificate is named.

    Raises ConfigError that names the file which cannot be read or does not fit.
    """
    if not certificate:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    # WebSockets are spoken over HTTP/1.1, and nothing else is offered.
    made.set_alpn_protocols(["http/1.1"])
    for file in (certificate, key):
        try:
            with open(file, "rb"):  # noqa: PTH123  (for the error's own words)
                pass
        except OSError as error:
            raise ConfigError(f"{file}: {error.strerror}") from None
    try:
        made.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise ConfigError(
            f"{certificate} and {key} are no certificate with its key: {error.reason or error}",
            remedy="both are PEM files, the key without a password",
        ) from None
    return made
