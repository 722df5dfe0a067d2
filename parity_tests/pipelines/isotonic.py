"""Isotonic regression."""

from __future__ import annotations

from sklearn.isotonic import IsotonicRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from parity_tests.pipelines.case import Case

CASES = [
    *(
        Case(
            name=f"IsotonicRegression, {out}",
            model=IsotonicRegression(out_of_bounds=out),
            on="curve",
        )
        for out in ("nan", "clip", "raise")
    ),
    Case(
        name="IsotonicRegression, falling, clip",
        model=IsotonicRegression(increasing=False, out_of_bounds="clip"),
        on="curve_frame",
    ),
    Case(
        name="IsotonicRegression, auto, raise",
        model=IsotonicRegression(increasing="auto", out_of_bounds="raise"),
        on="curve_frame",
    ),
    Case(
        name="IsotonicRegression, limits, flat",
        model=IsotonicRegression(y_min=-3.0, y_max=3.0, out_of_bounds="clip"),
        on="curve_flat",
    ),
    Case(name="IsotonicRegression, flat, nan", model=IsotonicRegression(), on="curve_flat"),
    Case(
        name="IsotonicRegression, scaled",
        model=make_pipeline(StandardScaler(), IsotonicRegression(out_of_bounds="clip")),
        on="curve",
    ),
    *(
        Case(
            name=f"IsotonicRegression, float32, {out}",
            model=IsotonicRegression(out_of_bounds=out),
            on="curve_float32",
        )
        for out in ("nan", "clip", "raise")
    ),
]
