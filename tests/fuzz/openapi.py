"""schemathesis with every check on against a real server: `python tests/fuzz/openapi.py`.

It makes an environment of its own under .build/. The server counts the requests, and none of
them may end in a 5xx but for 503. Exits 1 where a check failed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path += [str(ROOT), str(ROOT / "tests" / "runtime")]

from live_service import Service, start
from tiny_bundles import write_penguins, write_prices

from bundle.aliases import set_alias

PACKAGES = ("schemathesis==4.32.5", "openapi-spec-validator==0.9.0")
PLACE = ROOT / ".build" / "fuzz"
SECONDS = 240  # of each run, at most; on four quiet processors both take two minutes
EXAMPLES = 10  # of each operation, in each phase that makes them up
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "accepted_but_for",  # positive_data_acceptance: hooks.py
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    # Not on: ignored_auth and object_level_authorization. No address has an owner.
)

ADMINISTRATION = r"/(load|unload|aliases|aliases/\{label\})$"
RUNS = {
    # What loads and unloads has a server of its own: predictions of an unloaded model are 503.
    "predictions": ["--exclude-path-regex", ADMINISTRATION],
    "administration": ["--exclude-path-regex", "/predict$"],
}


def main() -> int:
    """Every run; 1 where one of them failed."""
    environment()
    failed = [name for name, words in RUNS.items() if not run(name, words)]
    print(f"failed: {', '.join(failed)}" if failed else "no failures")
    return int(bool(failed))


def environment() -> None:
    """.build/fuzz with the pinned packages, made once."""
    stamp = PLACE / "-".join(PACKAGES)
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PLACE)], check=True)
        pip = [str(PLACE / "bin" / "pip"), "install", "-q", *PACKAGES]
        subprocess.run(pip, check=True)
        stamp.touch()


def run(name: str, words: list[str]) -> bool:
    """One run over fresh bundles; whether nothing failed."""
    with tempfile.TemporaryDirectory() as folder:
        artifacts = made(Path(folder) / "artifacts")
        with start(artifacts) as service:
            validate(service)
            done = schemathesis(service, words)
            statuses = counted(service)
    report = json.loads((PLACE / "report.json").read_text())
    print(done.stdout if done.returncode else "", end="")
    cases = report["test_cases"]
    print(
        f"{name}: {sum(statuses.values())} requests to {report['operations']['tested']} operations"
    )
    print(f"  by status: {dict(sorted(statuses.items()))}")
    failures = f"{cases['unique_failures']} failures, {len(report['errors'])} errors"
    print(f"  {cases['generated']} cases, {len(CHECKS)} checks of each: {failures}")
    bad = [status for status in statuses if status >= 500 and status != 503]
    return done.returncode == 0 and not bad


def made(root: Path) -> Path:
    """The tiny bundles, three versions and an alias among them, and the converted examples."""
    for path in (ROOT / "artifacts").glob("*/1"):
        shutil.copytree(path, root / path.parent.name / "1")
    for version in (2, 3):
        write_penguins(root, version=version)
    write_prices(root)
    set_alias(root / "penguins", "champion", 2)
    return root


def validate(service: Service) -> None:
    """The document is OpenAPI 3.1. Raises CalledProcessError, and says where it is not."""
    document = PLACE / "openapi.json"
    document.write_bytes(service.client.get("/openapi.json").content)
    command = [str(PLACE / "bin" / "openapi-spec-validator"), "--schema", "3.1", str(document)]
    subprocess.run(command, check=True)


def schemathesis(service: Service, words: list[str]) -> subprocess.CompletedProcess[str]:
    """The command line, which writes report.json."""
    command = [
        *(str(PLACE / "bin" / "st"), "--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{service.address}/openapi.json", "--no-color", "--continue-on-failure"),
        *("--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)),
        *("--report-json-path", str(PLACE / "report.json")),
        *words,
    ]
    settings = {**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks"}
    return subprocess.run(
        command,
        cwd=PLACE,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def counted(service: Service) -> Counter[int]:
    """How often each status was answered, as the server's own log has it."""
    lines = [json.loads(line) for line in list(service.logged)]
    return Counter(line["status"] for line in lines if "status" in line)


if __name__ == "__main__":
    sys.exit(main())
