"""What serving costs: installed size, import time, time to ready, resident memory.

    python benchmarks/runtime_footprint.py [--json] [ARTIFACTS]

Installs `.[runtime]` into a fresh environment, so that it measures what a deployment gets.
ARTIFACTS (default: artifacts) holds the bundles that the server opens.
"""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ABSENT = ("sklearn", "pandas", "skl2onnx", "mlflow", "jpype")
PATIENCE = 60.0  # seconds to wait for "ready"

# PYTHONPATH and its kin would let the checkout in, past what was installed.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("artifacts", nargs="?", type=Path, default=CHECKOUT / "artifacts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = measured(Path(scratch), options.artifacts.resolve())
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<28} {value:>10.1f}")


def measured(scratch: Path, artifacts: Path) -> dict[str, float]:
    """Every figure, by name with its unit."""
    home = scratch / "venv"
    venv.create(home, with_pip=True)
    before = size(home)
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", f"{CHECKOUT}[runtime]"]
    subprocess.run(install, check=True, env=CLEAN)
    assert_absent(python, scratch)
    ready, memory = started(home / "bin" / "isomorph", artifacts, scratch)
    return {
        "installed (MB)": (size(home) - before) / 1e6,
        "import runtime.app (ms)": import_time(python, scratch) * 1e3,
        "start to ready (ms)": ready * 1e3,
        "memory when ready (MB)": memory / 1e6,
    }


def size(directory: Path) -> int:
    """Bytes of every file under `directory`."""
    return sum(
        path.stat().st_size
        for path in directory.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def assert_absent(python: Path, scratch: Path) -> None:
    """Stop if a training library came along."""
    code = f"import importlib.util as u; print(*[m for m in {ABSENT!r} if u.find_spec(m)])"
    if found := printed(python, code, scratch).split():
        sys.exit(f"the runtime extra brought {', '.join(found)}, which only converting needs")


def import_time(python: Path, scratch: Path) -> float:
    """Seconds that `import runtime.app` takes in a new process: the median of five."""
    code = (
        "import time; t = time.perf_counter(); import runtime.app; print(time.perf_counter() - t)"
    )
    runs = [printed(python, code, scratch) for _ in range(5)]
    return statistics.median(map(float, runs))


def printed(python: Path, code: str, scratch: Path) -> str:
    """What `code` prints in a new process that sees only what was installed."""
    command = [python, "-c", code]
    done = subprocess.run(command, check=True, cwd=scratch, env=CLEAN, capture_output=True)
    return done.stdout.decode()


def started(command: Path, artifacts: Path, scratch: Path) -> tuple[float, float]:
    """Seconds from start to the first "ready", and resident bytes of the server then."""
    port = free_port()
    begin = time.perf_counter()
    with server([command, "serve", artifacts, "--port", str(port)], scratch) as process:
        while not answers(f"http://127.0.0.1:{port}/v2/health/ready"):
            if process.poll() is not None or time.perf_counter() - begin > PATIENCE:
                sys.exit((scratch / "server.log").read_text() + "the server did not become ready")
            time.sleep(0.005)
        return time.perf_counter() - begin, resident(process.pid)


@contextlib.contextmanager
def server(arguments: list[Path | str], scratch: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server's process, ended when the block ends."""
    with (
        (scratch / "server.log").open("wb") as log,
        subprocess.Popen(arguments, cwd=scratch, env=CLEAN, stdout=log, stderr=log) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(address: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(address, timeout=1) as response:  # noqa: S310 - loopback
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def resident(process: int) -> float:
    """Bytes of memory that `process` and its children hold."""
    tree = subprocess.run(
        ["ps", "-o", "rss=", "--pid", str(process), "--ppid", str(process)],
        check=True,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return sum(map(float, tree.stdout.split())) * 1024


if __name__ == "__main__":
    main()
