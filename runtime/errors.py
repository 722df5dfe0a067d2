"""What a request can run into beside InputError.

IsomorphError
├── InputError
│   └── MalformedError   the body is not what the door reads (JSON, UTF-8, a V2 request)
├── UnknownModelError    no model, or no version, of that name
├── NotReadyError        the model is there and does not answer; the fault says why
├── TooLargeError        the body is over the limit
└── TooSlowError         the body did not arrive in time
"""

from __future__ import annotations

from bundle.errors import InputError, IsomorphError


class MalformedError(InputError):
    """The body is not what the door reads, before any column is looked at."""


class UnknownModelError(IsomorphError):
    """No model, or no version of it, has that name."""


class NotReadyError(IsomorphError):
    """The model is there and does not answer; the fault says why."""


class TooLargeError(IsomorphError):
    """The body is over the limit."""


class TooSlowError(IsomorphError):
    """The body did not arrive in time."""
