"""What our service is measured against: uvicorn around next to nothing.

`empty` answers without looking. `bare` does what must be done for a row and nothing else: parse
with orjson, build the array with NumPy, run the session, write with orjson. It checks nothing,
knows one model (ISOMORPH_BARE, a bundle), logs nothing and trusts everyone.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import orjson

_HEADERS = [(b"content-type", b"application/json")]


async def empty(scope: Any, _: Any, send: Any) -> None:
    """200 and two bytes."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": b"{}"})


class Bare:
    """A session, made when the first request comes, as a worker's must be made after the fork."""

    def __init__(self, place: Path) -> None:
        manifest = json.loads((place / "manifest.json").read_bytes())
        (block,) = manifest["signature"]["inputs"]
        self.input, self.columns = block["name"], block["columns"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(place / "model.onnx", options)
        self.outputs = [each.name for each in self.session.get_outputs()]

    async def answer(self, receive: Any, send: Any) -> None:
        """Records of named values in, answers out."""
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        sent = orjson.loads(body)
        columns = self.columns
        rows = sent if isinstance(sent, list) else [sent]
        numbers = np.array([[row[name] for name in columns] for row in rows], dtype=np.float64)
        label, probabilities = self.session.run(self.outputs, {self.input: numbers})
        answer = orjson.dumps(
            {"label": label, "probabilities": probabilities}, option=orjson.OPT_SERIALIZE_NUMPY
        )
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": answer})


_MADE: list[Bare] = []


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """As `Bare`; GET says that it is there."""
    if scope["type"] == "http" and scope["method"] == "GET":
        await empty(scope, receive, send)
    elif scope["type"] == "http":
        if not _MADE:
            _MADE.append(Bare(Path(os.environ["ISOMORPH_BARE"])))
        await _MADE[0].answer(receive, send)
