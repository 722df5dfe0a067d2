"""A refusal that helps: the step at fault, the smallest row that shows it, and what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from bundle.errors import NotEqualError
from bundle.manifest import TargetVerdict, Verdict
from parity.blame import Blame, blame
from parity.columns import take
from parity.difference import Difference
from parity.shrink import Pair, Smallest, from_record, named, shrink

if TYPE_CHECKING:
    from isomorph.proving import Draft

SAMPLE = 200
"""Rows of the sample that say how large each step's answers are."""
SHOWN = 8
"""Columns that a message names; the report shows all."""
MEND = (
    "Nothing was written. Report the pipeline with this row; until then leave the step out, or "
    "convert it with a function of your own (isomorph.converter)"
)


def refusal(made: Draft, failed: TargetVerdict) -> NotEqualError:
    """The error to raise for `made`, with its verdict and the rows that show the difference."""
    single = made.precision == "float32" and failed.target == "onnx"
    # What float32 rounds, every step rounds: there is none to blame.
    made, cause = (made, None) if single else explained(made, failed)
    reason = next(each for each in made.verdicts if each.target == failed.target).reason
    return NotEqualError(
        f"the {failed.target.upper()} is not the original's function: {reason}",
        where=cause.where if cause is not None else type(made.original.model).__name__,
        mend="Nothing was written. Convert with --precision float64, which is equal"
        if single
        else MEND,
        verdict=Verdict(targets=made.verdicts),
        worst=made.worst,
    )


def explained(made: Draft, failed: TargetVerdict) -> tuple[Draft, Blame | None]:
    """The draft with the smallest row before the others, and its verdict with the cause."""
    worst = [each for each in made.worst if each.target == failed.target]
    if not worst:
        return made, None
    pair = Pair(
        original=made.original,
        target=made.backend(failed.target),
        signature=made.original.signature,
        scales=made.scales,
        tolerance=failed.tolerance,
    )
    first = from_record(made.original.signature, worst[0].row)
    if not pair.differs(first)[0]:
        return made, None  # it takes the other rows of its batch to show
    smallest = shrink(pair, first, made.sample)
    cause = blame(
        made.original,
        made.signature,
        smallest.row,
        take(made.sample, slice(0, SAMPLE)),
        tolerance=failed.tolerance,
    )
    shown = _difference(pair, smallest, failed)
    reason = _reason(shown, smallest, cause)
    verdicts = tuple(
        msgspec.structs.replace(each, reason=reason) if each is failed else each
        for each in made.verdicts
    )
    return replace(made, verdicts=verdicts, worst=(shown, *made.worst)), cause


def _difference(pair: Pair, smallest: Smallest, failed: TargetVerdict) -> Difference:
    from parity.compare import compare  # noqa: PLC0415 - beside its only use

    expected, got = pair.original(smallest.row), pair.target(smallest.row)
    compared = compare(pair.signature, expected, got, pair.scales)
    output = max(compared.relative, key=lambda name: compared.relative[name][0])
    return Difference(
        target=failed.target,
        kind="smallest",
        row=named(pair.signature, smallest.row),
        output=output,
        expected=expected[output].tolist()[0],
        got=got[output].tolist()[0],
        absolute=float(compared.absolute[output][0]),
        relative=float(compared.relative[output][0]),
    )


def _reason(shown: Difference, smallest: Smallest, cause: Blame | None) -> str:
    parts = [
        f"{shown.output} is {shown.got!r} where the original says {shown.expected!r}, "
        f"for the row {_row(shown, smallest)}"
    ]
    if smallest.edge is not None:
        parts.append(str(smallest.edge))
    if cause is not None:
        parts.append(str(cause))
    return "; ".join(parts)


def _row(shown: Difference, smallest: Smallest) -> str:
    """The row in words: whole where it is short, else what matters of it."""
    if len(shown.row) <= SHOWN:
        return repr(shown.row)
    chosen = smallest.matters[:SHOWN] or list(shown.row)[:SHOWN]
    odd = {name: shown.row[name] for name in chosen}
    return f"{odd} (the other columns as usual in the sample; the report shows them)"
