"""Every request on docs/protocols.md, sent to the converted examples, gets the answer below it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from parity_tests.found import ARTIFACTS, ROOT
from parity_tests.serving import serving

PAGE = (ROOT / "docs" / "protocols.md").read_text()
BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TITLE = re.compile(r"^### (.*)$", re.MULTILINE)


def _exchanges() -> dict[str, tuple[str, str]]:
    """By the title above them: a request and its answer."""
    parts = TITLE.split(PAGE)[1:]
    found = {}
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        blocks = BLOCK.findall(text)
        assert len(blocks) % 2 == 0, f"a request without an answer below {title!r}"
        for number, pair in enumerate(zip(blocks[::2], blocks[1::2], strict=True)):
            found[f"{title} {number}" if number else title] = pair
    return found


EXCHANGES = _exchanges()


def _split(block: str) -> tuple[str, str, str]:
    """The first line, the headers and the body of a block."""
    head, _, body = block.partition("\n\n")
    first, _, headers = head.strip().partition("\n")
    return first, headers, body.removesuffix("\n")


def _value(text: str, media_type: str) -> Any:
    if media_type.endswith("json"):
        return json.loads(text)
    # One JSON value a line is read line by line; other text is compared as it stands.
    return [json.loads(line) for line in text.splitlines()] if "jsonlines" in media_type else text


@pytest.fixture(scope="module")
def of_penguins() -> Iterator[str]:
    """The service as the sections say whose addresses name no model."""
    with serving(ARTIFACTS, "--model", "penguins") as address:
        yield address


@pytest.mark.parametrize("title", EXCHANGES)
def test_the_answer_is_what_the_page_says(title: str, request: pytest.FixtureRequest) -> None:
    service = request.getfixturevalue("of_penguins" if "--model" in title else "service")
    sent, due = EXCHANGES[title]
    first, headers, body = _split(sent)
    method, _, path = first.partition(" ")
    fields = dict(line.split(": ", 1) for line in headers.splitlines())
    status, _, media_type = _split(due)[0].partition(" ")
    answer = httpx.request(method, f"{service}{path}", content=body.encode(), headers=fields)
    assert answer.status_code == int(status), answer.text
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert _value(answer.text.removesuffix("\n"), media_type) == _value(_split(due)[2], media_type)


@pytest.mark.parametrize("code", PROGRAMS)
def test_the_program_does_what_the_page_says(
    service: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, _, printed = code.partition("# prints\n")
    exec(source.replace("http://127.0.0.1:8080", service), {})  # noqa: S102 - the page is ours
    assert capsys.readouterr().out == "".join(
        line.removeprefix("# ") + "\n" for line in printed.splitlines()
    )


def test_every_section_of_the_table_is_there() -> None:
    for anchor in re.findall(r"\]\(#(.*?)\)", PAGE):
        titles = [
            re.sub(r"[^\w -]", "", line[3:]).lower().replace(" ", "-")
            for line in PAGE.splitlines()
            if line[:3] == "## "
        ]
        assert anchor in titles
