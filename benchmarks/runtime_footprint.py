"""What serving costs: installed size, import time, time to ready, resident memory.

    python benchmarks/runtime_footprint.py [--json] [--write] [ARTIFACTS]

Installs `.[runtime]` into a fresh environment, so that it measures what a deployment gets.
ARTIFACTS (default: artifacts) holds the bundles that the server opens. --write puts the figures
into docs/benchmarks.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import page
from servers import CHECKOUT, running

STARTS = 5
BARE = "import numpy, onnxruntime, fastapi, uvicorn, uvloop, httptools, msgspec"
ABSENT = ("sklearn", "pandas", "skl2onnx", "mlflow", "jpype")

# PYTHONPATH and its kin would let the checkout in, past what was installed.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("artifacts", nargs="?", type=Path, default=CHECKOUT / "artifacts")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = measured(Path(scratch), options.artifacts.resolve())
    if options.json:
        print(json.dumps(figures))
        return
    text = section(figures, options.artifacts)
    print(text)
    if options.write:
        page.write("Start and memory", text)


def section(figures: dict[str, float], artifacts: Path) -> str:
    """The page's."""
    bundles = len([each for each in artifacts.iterdir() if each.is_dir()])
    return "\n\n".join(
        [
            page.made_by("python benchmarks/runtime_footprint.py --write"),
            f"The extra `runtime` alone in a fresh environment, its bytecode compiled, {bundles} "
            f"example models, one worker, nothing pinned; medians of {STARTS} starts. What it "
            f"needs: {BARE.removeprefix('import ')}. Each bundle is tried in a process of its own "
            "before; it has ended when the server is ready.",
            page.table(("what", ""), ((name, f"{value:,.1f}") for name, value in figures.items())),
        ]
    )


def measured(scratch: Path, artifacts: Path) -> dict[str, float]:
    """Every figure, by name with its unit."""
    home = scratch / "venv"
    venv.create(home, with_pip=True)
    before = size(home)
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", f"{CHECKOUT}[runtime]"]
    subprocess.run(install, check=True, env=CLEAN)
    installed = size(home) - before
    assert_absent(python, scratch)
    starts = [started(home / "bin" / "isomorph", artifacts, scratch) for _ in range(STARTS)]
    ready, memory = map(statistics.median, zip(*starts, strict=True))
    bare, least = imported(python, scratch, BARE)
    return {
        "installed (MB)": installed / 1e6,
        "import of what it needs alone (ms)": bare * 1e3,
        "memory after it (MB)": least,
        "import runtime.app (ms)": imported(python, scratch, "import runtime.app")[0] * 1e3,
        "start to ready (ms)": ready * 1e3,
        "memory when ready (MB)": memory,
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


def imported(python: Path, scratch: Path, imports: str) -> tuple[float, float]:
    """Seconds that they take in a new process, and its resident MB then: medians of five."""
    code = (
        f"import time; t = time.perf_counter(); {imports}; print(time.perf_counter() - t)\n"
        "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)"
    )
    runs = [map(float, printed(python, code, scratch).split()) for _ in range(5)]
    seconds, memory = map(statistics.median, zip(*runs, strict=True))
    return seconds, memory


def printed(python: Path, code: str, scratch: Path) -> str:
    """What `code` prints in a new process that sees only what was installed."""
    command = [python, "-c", code]
    done = subprocess.run(command, check=True, cwd=scratch, env=CLEAN, capture_output=True)
    return done.stdout.decode()


def started(command: Path, artifacts: Path, scratch: Path) -> tuple[float, float]:
    """Seconds from start to the first "ready", and resident memory of the server then, in MB."""
    words = [command, "serve", artifacts, "--port", "{port}"]
    probe = "/v2/health/ready"
    with running(words, probe=probe, environment=CLEAN, directory=scratch) as server:
        return server.ready_seconds, server.memory_mb()


if __name__ == "__main__":
    main()
