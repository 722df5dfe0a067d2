"""HTTPS by two files."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_service import Service, start
from tiny_bundles import RECORD

from runtime.tls import modern

MAKE = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-days",
    "2",
]
NAMED = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]


def make(folder: Path, name: str, *options: str) -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*MAKE, *NAMED, *files, *options], check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make(tmp_path_factory.mktemp("tls"), "own", "-noenc")


@pytest.fixture(scope="module", params=[1, 2])
def secure(
    request: pytest.FixtureRequest, artifacts: Path, files: tuple[Path, Path]
) -> Iterator[Service]:
    environment = {"ISOMORPH_TLS_CERT": str(files[0]), "ISOMORPH_TLS_KEY": str(files[1])}
    with start(artifacts, request.param, environment=environment) as service:
        yield service


def handshake(service: Service, context: ssl.SSLContext) -> str | None:
    host, port = service.address.removeprefix("https://").split(":")
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        return connection.version()


def test_a_client_that_trusts_the_certificate(secure: Service, files: tuple[Path, Path]) -> None:
    assert secure.address.startswith("https://")
    trusting = ssl.create_default_context(cafile=str(files[0]))
    request = urllib.request.Request(  # noqa: S310
        f"{secure.address}/models/penguins/predict",
        json.dumps(RECORD).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, context=trusting, timeout=10) as answer:  # noqa: S310
        assert json.load(answer)["label"] in ("Adelie", "Gentoo")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(secure, ssl.create_default_context())


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_versions_taken(secure: Service, files: tuple[Path, Path], version: str) -> None:
    context = ssl.create_default_context(cafile=str(files[0]))
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    assert handshake(secure, context) == version.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_versions_refused(secure: Service, files: tuple[Path, Path], version: str) -> None:
    context = ssl.create_default_context(cafile=str(files[0]))
    context.set_ciphers("ALL:@SECLEVEL=0")  # else it is this client that refuses
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with pytest.raises(ssl.SSLError, match=r"(?i)alert|EOF"):
        handshake(secure, context)


def test_the_oldest_version_does_not_hang_on_the_system() -> None:
    def lenient() -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        return context

    assert modern(None, lenient).minimum_version == ssl.TLSVersion.TLSv1_2


def test_plain_http_is_not_answered(secure: Service) -> None:
    host, port = secure.address.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            said = connection.recv(1000)
        except ConnectionResetError:
            said = b""
    assert not said.startswith(b"HTTP/")


def test_wrong_files(tmp_path: Path, artifacts: Path, files: tuple[Path, Path]) -> None:
    certificate, key = files
    _, others = make(tmp_path, "other", "-noenc")
    _, encrypted = make(tmp_path, "encrypted", "-passout", "pass:secret")
    (tmp_path / "no.pem").write_text("nothing")
    for cert, private, said in (
        (certificate, None, "only one of tls_cert and tls_key is set"),
        (None, key, "only one of tls_cert and tls_key is set"),
        (certificate, others, "not a certificate and its private key"),
        (tmp_path / "no.pem", key, "not a certificate and its private key"),
        (certificate, tmp_path / "absent.key", "cannot be read (No such file or directory)"),
        (certificate, encrypted, "the private key is encrypted"),
    ):
        named = {"ISOMORPH_TLS_CERT": cert, "ISOMORPH_TLS_KEY": private}
        done = subprocess.run(
            [sys.executable, "-m", "isomorph", "serve", artifacts, "--port", "0"],
            env={name: str(path) for name, path in named.items() if path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
