"""What a PMML document calls the outputs of a signature."""

from __future__ import annotations

import re

from bundle.signature import Output

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def field_names(output: Output) -> list[str]:
    """The field of each column of an output: `label`, `probability(Yes)`, `features(x)`."""
    if output.width is None:
        return [output.name]
    prefix = output.name.replace("probabilities", "probability")
    names = output.names if output.names is not None else range(output.width)
    return [f"{prefix}({_for_xml(spelt(name))})" for name in names]


def spelt(name: object) -> str:
    """A value as PMML spells it."""
    return str(name).lower() if isinstance(name, bool) else str(name)


def _for_xml(text: str) -> str:
    # A term of a vectorizer of characters may be one that no XML can hold.
    return _NOT_IN_XML.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
