"""What a request can run into beside InputError, and a bundle beside BundleError.

IsomorphError
├── BundleError
│   └── UntriedError       nothing was learnt of the bundle; it is tried again
├── InputError
│   └── MalformedError     the body is not what the door reads (JSON, UTF-8, a V2 request)
├── UnauthorizedError      no key, or one that this service does not know
├── ForbiddenError         the key's scope does not hold this address
├── UnknownModelError      no model, no version, or no alias of that name
├── NotReadyError          the model is there and does not answer; the fault says why
├── TooLargeError          the body is over the limit
├── BusyError              too many requests with large bodies are here
├── OverloadedError        more requests are here than can be answered in time
├── LateError              the time for the answer was over before the model ran
├── TooLongError           the time was over while the model ran, which was ended
├── NoRoomError            the disk takes no body or answer of this size
├── MediaTypeError         the door does not read bodies of this type
├── NotAcceptableError     the door does not write answers of this type
├── ConflictError         not in this state: an alias that is in use, a model that is loaded
└── UnsupportedError       the contract has it, this server does not
"""

from __future__ import annotations

from bundle.errors import BundleError, InputError, IsomorphError


class UntriedError(BundleError):
    """Nothing was learnt of the bundle; it is tried again."""


class MalformedError(InputError):
    """The body is not what the door reads, before any column is looked at."""


class UnauthorizedError(IsomorphError):
    """No key, or one that this service does not know."""


class ForbiddenError(IsomorphError):
    """The key's scope does not hold this address."""


class UnknownModelError(IsomorphError):
    """No model, no version of it, or no alias has that name."""


class NotReadyError(IsomorphError):
    """The model is there and does not answer; the fault says why."""


class TooLargeError(IsomorphError):
    """The body is over the limit."""


class BusyError(IsomorphError):
    """Too many requests with large bodies are here."""


class OverloadedError(IsomorphError):
    """More requests are here than can be answered in time."""


class LateError(IsomorphError):
    """The time for the answer was over before the model ran."""


class TooLongError(IsomorphError):
    """The time was over while the model ran, which was ended."""


class NoRoomError(IsomorphError):
    """The disk takes no body or answer of this size."""


class MediaTypeError(IsomorphError):
    """The door does not read bodies of this type."""


class NotAcceptableError(IsomorphError):
    """The door does not write answers of this type."""


class ConflictError(IsomorphError):
    """Not in this state: an alias in use, a model that is loaded already."""


class UnsupportedError(IsomorphError):
    """The contract has it, this server does not."""
