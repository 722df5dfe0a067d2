"""Trains the examples and converts each; `make convert` runs this.

A model newer than its script is not trained again, and one that has not changed since its
newest bundle is not converted again.
"""

import sys
from pathlib import Path
from types import ModuleType

import breast_cancer
import diabetes
import logit_games
import penguins

import isomorph
from bundle.errors import IsomorphError
from bundle.reader import open_bundle
from bundle.writer import versions
from converters.load import digest
from isomorph.verdict_table import conclusion

ARTIFACTS, MODELS = Path("artifacts"), Path("models")

# The script that trains, what is converted, and the file in it that is the model.
EXAMPLES = {
    "penguins": (penguins, "penguins.joblib", "penguins.joblib"),
    "breast_cancer": (breast_cancer, "breast_cancer.joblib", "breast_cancer.joblib"),
    "diabetes": (diabetes, "diabetes.joblib", "diabetes.joblib"),
    "logit_games": (logit_games, "logit_games", "logit_games/model.skops"),
}


def main() -> int:
    """Train and convert every example; 0 if each is proven equal."""
    results = [built(name) for name in EXAMPLES]
    return 0 if all(results) else 1


def built(name: str) -> bool:
    """Train and convert one example and print its verdict; whether it is proven equal."""
    script, source, file = EXAMPLES[name]
    trained(script, name, MODELS / file)
    try:
        bundle = converted(name, MODELS / source, MODELS / file)
    except IsomorphError as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        return False
    print(f"{name}: {bundle.path}")
    for target in bundle.verdict.targets:
        print(f"  {conclusion(target)}")
    return bool(bundle.verdict.passed)


def trained(script: ModuleType, name: str, model: Path) -> None:
    """Run the script unless its model is there and newer; a skops file differs at every run."""
    script_time = Path(str(script.__file__)).stat().st_mtime
    sample = MODELS / f"{name}.sample.parquet"
    if not (model.exists() and sample.exists() and model.stat().st_mtime >= script_time):
        script.main()


def converted(name: str, source: Path, model: Path) -> isomorph.Bundle:
    """The bundle of `source`: the newest where it is of this very model, else a new one."""
    newest = versions(ARTIFACTS, name)[-1:]
    if newest:
        place = ARTIFACTS / name / str(newest[0])
        if open_bundle(place).manifest.source.sha256 == digest(model):
            return isomorph.open(place)
    sample = MODELS / f"{name}.sample.parquet"
    return isomorph.convert(source, sample, name=name, artifacts=ARTIFACTS)


if __name__ == "__main__":
    sys.exit(main())
