"""What schemathesis loads: the one check whose rule JSON Schema cannot say in full."""

from __future__ import annotations

from typing import Any

import schemathesis

BEYOND_SCHEMA = (
    "the column has ",  # JSON Schema has no way to say that lists are of one length
    "the model's ",  # an answer beyond float64, such as the sum of two numbers of 1e308
)


@schemathesis.check
def accepted_but_for(ctx: Any, response: Any, case: Any) -> None:
    """`positive_data_acceptance`, but for rows that only the model can refuse."""
    if response.status_code == 422 and response.json()["detail"].startswith(BEYOND_SCHEMA):
        return
    schemathesis.checks.CHECKS.get_by_names(["positive_data_acceptance"])[0](ctx, response, case)
