"""The same counts by the names that dashboards of Triton and KServe ask for.

Sources: github.com/triton-inference-server/server, docs/user_guide/metrics.md;
github.com/kserve/kserve, python/kserve/kserve/metrics.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from runtime.counts import Counts
from runtime.exposition import Family
from runtime.metrics import buckets
from runtime.statistics import ERRED, ERROR_AT, FAILED, QUEUE_NS
from runtime.tally import Tally

_REJECTED = ("busy", "body-too-large")

_TRITON: tuple[tuple[str, str, Callable[[Counts], int]], ...] = (
    ("request_success", "Requests that were answered.", lambda page: int(page.inferred[0])),
    ("count", "Rows that were answered.", lambda page: page.rows),
    ("exec_count", "Runs of the model.", lambda page: int(page.executed[0])),
    (
        "request_duration_us",
        "Answering, in microseconds.",
        lambda page: (int(page.inferred[1:].sum()) + page[QUEUE_NS]) // 1000,
    ),
    ("queue_duration_us", "Waiting, in microseconds.", lambda page: page[QUEUE_NS] // 1000),
    (
        "compute_input_duration_us",
        "Decoding, in microseconds.",
        lambda page: int(page.executed[1]) // 1000,
    ),
    (
        "compute_infer_duration_us",
        "Running, in microseconds.",
        lambda page: int(page.executed[2]) // 1000,
    ),
    (
        "compute_output_duration_us",
        "Encoding, in microseconds.",
        lambda page: int(page.executed[3]) // 1000,
    ),
)
_KSERVE = {
    "request_preprocess_seconds": ("pre-process", "decode"),
    "request_predict_seconds": ("predict", "run"),
    "request_postprocess_seconds": ("post-process", "encode"),
}


def triton(tally: Tally) -> Iterator[Family]:
    """`nv_inference_*`, with labels model and version."""
    for name, said, of in _TRITON:
        family = Family(f"nv_inference_{name}", "counter", said)
        for (model, version), page in tally.versions:
            family.add(of(page), model=model, version=str(version))
        yield family
    failures = Family("nv_inference_request_failure", "counter", "Requests that failed.")
    for (model, version), page in tally.versions:
        rejected = sum(page[ERRED + ERROR_AT[name]] for name in _REJECTED)
        for reason, found in (("REJECTED", rejected), ("OTHER", page[FAILED] - rejected)):
            failures.add(found, model=model, reason=reason, version=str(version))
    yield failures


def kserve(tally: Tally) -> Iterator[Family]:
    """`request_*_seconds`, with the label model_name: all versions together."""
    models: dict[str, Counts] = {}
    for (name, _), page in tally.versions:
        models.setdefault(name, Counts()).add(page)
    for metric, (said, stage) in _KSERVE.items():
        family = Family(metric, "histogram", f"{said} request latency")
        for name, page in models.items():
            total, count = page.nanoseconds(stage) / 1e9, int(page.inferred[0])
            family.add_histogram(buckets(page.times(stage)), total, count, model_name=name)
        yield family
