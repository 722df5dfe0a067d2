"""Thousands of malformed requests over raw sockets: none ends in a 5xx, no worker is lost.

`python tests/soak/malformed.py [NUMBER] [SEED]`; exits 1 where one did. Each is a good request with
one to three faults planted in it, or none, cut into pieces at random.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "runtime"))

from live_service import Service, start
from tiny_bundles import PRICES, RECORD, write_penguins, write_prices

CLIENTS = 8
ROW = json.dumps(RECORD).encode()
TENSOR = {"name": "X", "shape": [1, 3], "datatype": "FP64", "data": [1.0, 2.0, 3.0]}
NUMBERS = json.dumps([dict.fromkeys((each.name for each in PRICES.columns), 1.0)]).encode()
TARGETS = (
    (b"POST", b"/models/penguins/predict", ROW),
    (b"POST", b"/models/prices/predict", NUMBERS),
    (b"POST", b"/v2/models/prices/infer", json.dumps({"inputs": [TENSOR]}).encode()),
    (b"POST", b"/v1/models/prices:predict", b'{"instances": [[1, 2, 3]]}'),
    (b"POST", b"/invocations", b"1,2,3\n"),
    (b"GET", b"/models/penguins/predict?bill=1&mass=3000&sex=male&tagged=true&island=Dream", b""),
    (b"GET", b"/models", b""),
    (b"GET", b"/openapi.json", b""),
)
TYPES = (b"application/json", b"text/csv", b"application/octet-stream", b"application/x-parquet")
TOKENS = (
    *(b"NaN", b"1e400", b"-Infinity", b'"\\ud800"', b"9" * 5000, b"null", b"\xff", b"\x00"),
    *(b"[" * 1000, b'{"a":' * 300, b'"', b"\\", b",,", b"\xef\xbb\xbf", b"1" * 20, b"{}", b"[]"),
)
HEADERS = (
    *(b"Content-Length: -1", b"Content-Length: 9999999999999999999999", b"Content-Length: 5"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Expect: 100-continue"),
    *(b"Content-Encoding: gzip", b"Content-Encoding: br", b"Accept: \xff", b"Accept: text/html"),
    *(b"Host: y", b"X: " + b"a" * 40_000, b"A : b", b" folded", b"\x00: a", b"X-Request-Id: \xff"),
    *(b"X-Request-Timeout: 1e9", b"X-Request-Timeout: 0.000001", b"Upgrade: h2c"),
    *(b"Connection: Upgrade", b"Connection: close", b"Inference-Header-Content-Length: 99999"),
)


def bodies(chance: random.Random, body: bytes) -> bytes:
    """The body with a fault."""
    at = chance.randrange(len(body) + 1)
    upto = min(len(body), at + chance.randrange(12))
    return chance.choice(
        [
            body[:at],
            body[:at] + chance.choice(TOKENS) + body[upto:],
            body[:at] + chance.randbytes(chance.randrange(1, 40)) + body[upto:],
            body + body[at:],
            body[:at] + body[upto:],
        ]
    )


def planted(chance: random.Random) -> bytes:
    """A request with faults."""
    method, path, body = chance.choice(TARGETS)
    lines = [b"Host: x", b"Content-Type: " + (TYPES[0] if b"inv" not in path else TYPES[1])]
    version, end, lengths = b"HTTP/1.1", b"\r\n", True
    for _ in range(chance.randrange(4)):
        kind = chance.randrange(8)
        if kind < 3:
            body = bodies(chance, body)
        elif kind == 3:
            lines.insert(chance.randrange(len(lines) + 1), chance.choice(HEADERS))
        elif kind == 4:
            path = bodies(chance, path).replace(b" ", b"") or b"/"
        elif kind == 5:
            method = chance.choice([b"PUT", b"get", b"", b"CONNECT", b"OPTIONS", b"HEAD", b"\xff"])
            version = chance.choice([b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.1", b""])
        elif kind == 6:
            lines[-1] = b"Content-Type: " + chance.choice([*TYPES, b"\xff;;", b"", b"a/b; c"])
        else:
            end, lengths = chance.choice([(b"\n", True), (b"\r", True), (b"\r\n", False)])
    if lengths and body:
        lines.append(b"Content-Length: %d" % len(body))
    return end.join([method + b" " + path + b" " + version, *lines, b"", body])


def sent(address: tuple[str, int], chance: random.Random, request: bytes) -> list[int]:
    """The statuses that came back."""
    with socket.create_connection(address, timeout=15) as connection:
        try:
            cut = chance.randrange(len(request) + 1) if chance.random() < 0.3 else len(request)
            connection.sendall(request[:cut])
            if cut < len(request):
                time.sleep(0.001)
                connection.sendall(request[cut:])
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionError:
            return [0]
    found = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    return [int(each) for each in found if each.isdigit()] or [0]


def worked(
    address: tuple[str, int], number: int, seed: int, told: Callable[[bytes, int], None]
) -> None:
    """One client's share."""
    chance = random.Random(seed)  # noqa: S311 - the same requests again
    for _ in range(number):
        request = planted(chance)
        for status in sent(address, chance, request):
            told(request, status)


def main(service: Service, number: int, seed: int) -> bool:
    """Whether all went well."""
    host, port = service.address.removeprefix("http://").split(":")
    statuses: Counter[int] = Counter()
    bad: list[tuple[int, bytes]] = []

    def told(request: bytes, status: int) -> None:
        statuses[status] += 1
        deadline = status == 503 and b"X-Request-Timeout" in request
        if status >= 500 and not deadline:
            bad.append((status, request))

    share = number // CLIENTS
    threads = [
        threading.Thread(target=worked, args=((host, int(port)), share, seed + each, told))
        for each in range(CLIENTS)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    alive = service.client.post("/models/penguins/predict", json=RECORD).status_code == 200
    alive = alive and service.process.poll() is None
    errors = [line for line in list(service.logged) if '"error"' in line]
    print(f"{share * CLIENTS} requests, statuses {dict(sorted(statuses.items()))} (0: none)")
    print(f"{len(bad)} 5xx, {len(errors)} errors in the log, the server answers: {alive}")
    for status, request in bad[:5]:
        print(status, request[:400])
    for line in errors[:3]:
        print(line[-1500:])
    return alive and not bad and not errors


if __name__ == "__main__":
    number, seed, *_ = [*map(int, sys.argv[1:]), *(20_000, 0)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as folder:
        write_penguins(Path(folder))
        write_prices(Path(folder))
        with start(Path(folder), model="prices") as running:
            fine = main(running, number, seed)
    sys.exit(not fine)
