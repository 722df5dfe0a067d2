"""What a PMML document calls the outputs of a signature."""

from __future__ import annotations

from bundle.signature import Output


def field_names(output: Output) -> list[str]:
    """The field of each column of an output: `label`, `probability(Yes)`, `features(x)`."""
    if output.width is None:
        return [output.name]
    prefix = output.name.replace("probabilities", "probability")
    names = output.names if output.names is not None else range(output.width)
    return [f"{prefix}({spelt(name)})" for name in names]


def spelt(name: object) -> str:
    """A value as PMML spells it."""
    return str(name).lower() if isinstance(name, bool) else str(name)
