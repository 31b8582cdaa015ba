"""The TLS context of the listening socket."""

from __future__ import annotations

import ssl

from frametalk.errors import ConfigError


def context(certificate: str, key: str) -> ssl.SSLContext | None:
    """The context for a certificate and its key; None if no certificate is given.

    Raises ConfigError, which names the file that cannot be read or does not fit.
    """
    if not certificate:
        return None
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    # The WebSocket runs over HTTP/1.1, and the server offers nothing else.
    tls.set_alpn_protocols(["http/1.1"])
    for file in (certificate, key):
        try:
            with open(file, "rb"):  # noqa: PTH123  (for a clear error)
                pass
        except OSError as error:
            raise ConfigError(f"{file}: {error.strerror}") from None
    try:
        tls.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        raise ConfigError(
            f"{certificate} and {key} are not a certificate and its key: {error.reason or error}",
            remedy="use two PEM files, the key without a password",
        ) from None
    return tls
