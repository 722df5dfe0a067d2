"""Requests as traces of OpenTelemetry, for those who collect them: the extra `otel`.

A request is one span with a child for each stage; they are made when it is over, from the times
that were noted anyway. Source: opentelemetry.io/docs/specs/semconv/http; W3C Trace Context.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from runtime.logs import LOG

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

    from runtime.door import Call

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PARENT = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_STAGES = ("queue", "decode", "run", "encode")


def trace_id(given: bytes) -> str:
    """The trace that a request's `traceparent` names; empty where it is none."""
    matched = _PARENT.fullmatch(given)
    return "" if matched is None else matched[1].decode()


class Traces:
    """Makes the spans of requests; the provider sends them on its own thread."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace import SpanKind, set_span_in_context  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
            TraceContextTextMapPropagator,
        )

        self._provider, self._kind, self._below = provider, SpanKind.SERVER, set_span_in_context
        self._tracer = provider.get_tracer("isomorph")
        self._propagator = TraceContextTextMapPropagator()

    def add(self, call: Call, status: int, started: int) -> str:
        """The spans of a request that began at `started` (perf_counter_ns); its trace's id."""
        now = time.perf_counter_ns()
        offset = time.time_ns() - now
        method = call.scope["method"] if call.route else "HTTP"  # a client chooses what it likes
        span = self._tracer.start_span(
            f"{method} {call.route}".rstrip(),
            context=self._propagator.extract(_carried(call)),
            kind=self._kind,
            attributes=_about(call, status),
            start_time=started + offset,
        )
        self._add_stages(span, call, offset)
        span.end(now + offset)
        return f"{span.get_span_context().trace_id:032x}"

    def shutdown(self) -> None:
        """Send what waits; nothing comes after."""
        self._provider.shutdown()

    def _add_stages(self, span: Span, call: Call, offset: int) -> None:
        if call.times is None or not span.is_recording():
            return
        below = self._below(span)
        for name, start, end in zip(_STAGES, call.times, call.times[1:], strict=False):
            stage = self._tracer.start_span(name, context=below, start_time=start + offset)
            stage.end(end + offset)


def from_environment(environment: Mapping[str, str] = os.environ) -> Traces | None:
    """As OpenTelemetry's variables say; None where they name no collector, or say not to."""
    off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or environment.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp":
        return None
    if not any(environment.get(name) for name in _ENDPOINTS):
        return None
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), "")
    if protocol not in ("", "http/protobuf"):
        LOG.warning("traces are not sent: OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf")
        return None
    try:
        return Traces(_provider())
    except ImportError:
        LOG.warning("traces are not sent: install isomorph[otel]")
        return None


def _provider() -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    told = "OTEL_SERVICE_NAME" in os.environ or (
        "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    )
    resource = Resource.create(None if told else {"service.name": "isomorph"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _carried(call: Call) -> dict[str, str]:
    names = (b"traceparent", b"tracestate")
    return {name.decode(): call.header(name) for name in names if name in call.headers}


def _about(call: Call, status: int) -> dict[str, str | int]:
    about: dict[str, str | int] = {"http.response.status_code": status}
    if call.route:
        about |= {"http.request.method": call.scope["method"], "http.route": call.route}
    if call.model is not None:
        about |= {"isomorph.model": call.model.name, "isomorph.version": call.model.version}
    if call.rows:
        about["isomorph.rows"] = call.rows
    return about | ({"error.type": call.error} if call.error else {})
