"""Text through a graph and through scikit-learn: real sentences, alone, many, and of odd lengths.

    python benchmarks/text_speed.py [--rounds 7]

TfidfVectorizer and LogisticRegression on paragraphs of scikit-learn's own documentation. One
thread; both take turns. Milliseconds a call, medians; what the graph's memory grows by meanwhile
(Linux).
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import pkgutil
import resource
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
import page
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx

SHORT, LONG, LONGEST = 60, 1_000, 200_000
"""Characters."""


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    paragraphs = [*_paragraphs()]
    labels = [" be " in f" {each} " for each in paragraphs]
    model = make_pipeline(TfidfVectorizer(max_features=2000), LogisticRegression())
    model.fit(paragraphs, labels)
    graph = _graph(model, paragraphs)
    whole = " ".join(paragraphs)
    while len(whole) < LONGEST:
        whole += whole
    print(f"{page.machine()}; {len(paragraphs):,} paragraphs")
    rows = []
    cases = _cases(whole)
    columns = {name: np.array(texts, dtype=object).reshape(-1, 1) for name, texts in cases.items()}
    grown = {name: _grown(partial(graph, column)) for name, column in columns.items()}
    for name, texts in cases.items():
        ours, theirs = _both(
            partial(graph, columns[name]), partial(model.predict_proba, texts), options.rounds
        )
        size = sum(map(len, texts))
        times = (f"{ours:.2f}", f"{theirs:.2f}", f"{theirs / ours:.2f}")
        rows.append((name, f"{size:,}", *times, f"{grown[name]:.0f}"))
    header = ("texts", "characters", "graph, ms", "scikit-learn, ms", "scikit-learn / graph")
    print(page.table((*header, "graph, MB"), rows))


def _paragraphs() -> Iterator[str]:
    """Of the docstrings of scikit-learn's modules and of what is in them, each once."""
    seen = set()
    for found in pkgutil.iter_modules(sklearn.__path__):
        if found.name.startswith("_") or found.name in ("conftest", "externals", "tests"):
            continue
        module = importlib.import_module(f"sklearn.{found.name}")
        for each in (module, *vars(module).values()):
            for paragraph in (inspect.getdoc(each) or "").split("\n\n"):
                text = " ".join(paragraph.split())
                if len(text) > SHORT and text not in seen:
                    seen.add(text)
                    yield text


def _cases(whole: str) -> dict[str, list[str]]:
    def cut(count: int, size: int) -> list[str]:
        return [whole[at * size : (at + 1) * size] for at in range(count)]

    longest = whole[:LONGEST]
    return {
        f"1 of {SHORT}": cut(1, SHORT),
        f"1 of {LONG:,}": cut(1, LONG),
        f"1 of {LONGEST:,}": [longest],
        f"1,000 of {SHORT}": cut(1000, SHORT),
        f"1,000 of {SHORT}, one of {LONGEST // 5:,}": [*cut(1000, SHORT), longest[: LONGEST // 5]],
        "one letter and then another": ["Q" * (LONGEST // 2) + "Z" * (LONGEST // 2)],
    }


def _graph(model: Any, texts: list[str]) -> Callable[[Any], Any]:
    original, _, _ = describe(model, texts[:50])
    made = sklearn_to_onnx(model, original.signature, name="text")
    began = time.perf_counter()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(made, settings)
    print(f"graph: {len(made):,} bytes, loaded in {time.perf_counter() - began:.2f} s")
    (name,) = (each.name for each in session.get_inputs())
    return lambda column: session.run(None, {name: column})


def _both(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Milliseconds of each, after one call to warm up."""
    times: tuple[list[float], list[float]] = ([], [])
    for place in range(rounds + 1):
        for call, found in zip((ours, theirs), times, strict=True):
            began = time.perf_counter()
            call()
            if place:
                found.append(1e3 * (time.perf_counter() - began))
    return median(times[0]), median(times[1])


def _grown(call: Callable[[], Any]) -> float:
    """MB of memory at the peak of a call, more than before; in a fork, which has none to spare."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        call()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        os.write(writing, str(after - before).encode())
        os._exit(0)
    os.waitpid(process, 0)
    os.close(writing)
    with os.fdopen(reading) as said:
        return int(said.read()) / 1024


if __name__ == "__main__":
    main()
