"""What was counted, as metrics: names of our own. docs/metrics.md lists them.

Labels are what the operator named (models, versions), and words of this server; nothing that a
client chose becomes one.
"""

from __future__ import annotations

from collections.abc import Iterator

from bundle.arrays import Array
from runtime.counts import Counts
from runtime.exposition import Family
from runtime.models import UNLOADED, Model, Models, Ready, Version
from runtime.processes import figures
from runtime.statistics import (
    BITS,
    BULK,
    BULK_FAILED,
    BYTES_IN,
    BYTES_OUT,
    CPU_NS,
    LAG,
    LAG_NS,
    LOADED,
    NOT_LOADED,
    STAGES,
    STARTED,
)
from runtime.tally import Tally

FIRST, LAST = 10, 34
"""Bits of the bounds that are shown: 2**10 ns, a microsecond, to 2**34 ns, 17 seconds."""
LARGEST_BATCH = 20
"""Bits of the largest bound of a batch: a million rows."""


def families(tally: Tally, models: Models, doors: tuple[str, ...]) -> Iterator[Family]:
    """Every metric of ours; `doors`: their names in the order they are counted in."""
    yield from _requests(tally, doors)
    yield from _rows(tally)
    yield from _bulk(tally)
    yield from _models(models)
    yield from _process(tally)


def buckets(times: Array) -> Iterator[tuple[float, int]]:
    """Seconds, and how many took up to that."""
    up_to = times.cumsum().tolist()
    for bits in range(FIRST, LAST + 1):
        yield 2**bits / 1e9, up_to[bits]


def _labelled(tally: Tally) -> list[tuple[dict[str, str], Counts]]:
    """Pages and whose they are; the first is of requests that found no version."""
    of = [({"model": name, "version": str(at)}, page) for (name, at), page in tally.versions]
    return [({"model": "", "version": ""}, tally.general), *of]


def _requests(tally: Tally, doors: tuple[str, ...]) -> Iterator[Family]:
    requests = Family(
        "isomorph_requests_total",
        "counter",
        "Requests that ended; without a model, those that found none.",
    )
    errors = Family("isomorph_errors_total", "counter", "Requests that met an error, by its kind.")
    taken = Family(
        "isomorph_received_bytes_total", "counter", "Bytes of bodies, after decompression."
    )
    given = Family(
        "isomorph_sent_bytes_total", "counter", "Bytes of answers' bodies, before compression."
    )
    for labels, page in _labelled(tally):
        for door, status, found in page.requests(doors):
            requests.add(found, door=door, **labels, status=status)
        for kind, found in page.errors():
            errors.add(found, kind=kind, **labels)
        if page.answered:
            taken.add(page[BYTES_IN], **labels)
            given.add(page[BYTES_OUT], **labels)
    flight = Family(
        "isomorph_requests_in_flight", "gauge", "Requests without an answer yet, this one included."
    )
    flight.add(tally.in_flight)
    yield from (requests, errors, taken, given, flight)


def _rows(tally: Tally) -> Iterator[Family]:
    stages = Family(
        "isomorph_stage_seconds",
        "histogram",
        "Answering rows, by stage: decode, queue (the wait for a thread), run, encode; "
        "whole is all of it and reading the body.",
    )
    rows = Family("isomorph_rows_total", "counter", "Rows that were answered.")
    batches = Family("isomorph_batch_rows", "histogram", "Rows of a request that were answered.")
    for labels, page in _labelled(tally)[1:]:
        count = int(page.inferred[0])
        if not count:
            continue
        for stage in STAGES:
            total = page.nanoseconds(stage) / 1e9
            stages.add_histogram(buckets(page.times(stage)), total, count, **labels, stage=stage)
        rows.add(page.rows, **labels)
        up_to = page.batches().cumsum().tolist()
        bounds = ((2**bits, up_to[bits + 1]) for bits in range(LARGEST_BATCH + 1))
        batches.add_histogram(bounds, page.rows, count, **labels)
    yield from (stages, rows, batches)


def _bulk(tally: Tally) -> Iterator[Family]:
    here = Family("isomorph_bulk_jobs", "gauge", "Bulk requests without an answer yet.")
    here.add(tally.bulk_jobs)
    done = Family("isomorph_bulk_requests_total", "counter", "Bulk requests that ended.")
    for labels, page in _labelled(tally):
        for slot, result in ((BULK, "success"), (BULK_FAILED, "failure")):
            if page[slot]:
                done.add(page[slot], **labels, result=result)
    yield from (here, done)


def _models(models: Models) -> Iterator[Family]:
    info = Family("isomorph_model_info", "gauge", "What a version is; always 1.")
    states = Family(
        "isomorph_model_state", "gauge", "1 for the state a version is in, seen by this worker."
    )
    for model in models.models():
        for each in model.versions.values():
            labels = {"model": each.name, "version": str(each.version)}
            for state in ("ready", "not ready", "unloaded"):
                states.add(int(state == _state(each)), **labels, state=state)
            if isinstance(each, Ready):
                info.add(1, **labels, **_about(model, each))
    yield from (info, states)


def _state(found: Version) -> str:
    if isinstance(found, Ready):
        return "ready"
    return "unloaded" if found.reason == UNLOADED else "not ready"


def _about(model: Model, found: Ready) -> dict[str, str]:
    manifest = found.bundle.manifest
    return {
        "default": str(found.version == model.default.version).lower(),
        "bundle": found.bundle.digest,
        "task": manifest.task,
        "verdict": "pass" if manifest.verdict.passed else "fail",
    }


def _process(tally: Tally) -> Iterator[Family]:
    general = tally.general
    loads = Family(
        "isomorph_model_loads_total", "counter", "Versions that were opened, by every worker."
    )
    loads.add(general[LOADED], result="success")
    loads.add(general[NOT_LOADED], result="failure")
    workers = Family("isomorph_workers", "gauge", "Processes that answer.")
    workers.add(len(tally.processes))
    lag = Family(
        "isomorph_event_loop_lag_seconds",
        "histogram",
        "How late the event loops were, twice a second.",
    )
    late = general.slots[LAG : LAG + BITS]
    lag.add_histogram(buckets(late), general[LAG_NS] / 1e9, int(late.sum()))
    cpu = Family("process_cpu_seconds_total", "counter", "Processor time of all workers.")
    cpu.add(general[CPU_NS] / 1e9)
    started = Family("process_start_time_seconds", "gauge", "When the first worker started.")
    started.add(general[STARTED] / 1e9)
    yield from (loads, workers, lag, cpu, started)
    yield from figures(tally.processes)
