"""`check`: prove a bundle again, against an original, a table of answers or its golden rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.golden import decode
from bundle.manifest import Verdict
from isomorph.bundles import Bundle
from isomorph.bundles import open as open_bundle


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A fresh verdict, and the differences that decided it (`parity.difference.Difference`)."""

    verdict: Verdict
    worst: tuple[Any, ...]


def check(
    bundle: Bundle | Path | str,
    *,
    against: Any = None,
    sample: Any = None,
    progress: Callable[[str], None] | None = None,
) -> Checked:
    """Prove the bundle again with every file of it that can be run.

    `against`: the original (an estimator or a path); without it the bundle's own golden rows are
    replayed, or, where `sample` is given, a table whose columns beside the inputs are the
    expected outputs (`label`, `prediction`, `probabilities.<class>`). `sample` with `against`:
    rows to start the probes from; without it the golden rows are.

    Raises BundleError where the directory is not a valid bundle.
    """
    from isomorph import rechecking  # noqa: PLC0415 - the proof is heavy, `import isomorph` is not

    opened = bundle if isinstance(bundle, Bundle) else open_bundle(bundle)
    rows, expected = decode(opened.stored.files["golden.json"])
    say = progress or (lambda _: None)
    say(f"proving {opened.stored.reference}")
    if against is not None:
        answered, scale = rechecking.against_original(opened, against, sample, rows)
    elif sample is not None:
        answered, scale = rechecking.against_table(opened, sample)
    else:
        answered, scale = rechecking.against_rows(opened, rows, expected, "golden")
    proofs = [
        rechecking.prove_target(opened, target, answered, scale)
        for target in opened.verdict.targets
        if target.status != "absent"
    ]
    return Checked(
        verdict=Verdict(targets=tuple(proof.verdict for proof in proofs)),
        worst=tuple(difference for proof in proofs for difference in proof.worst),
    )
