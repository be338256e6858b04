"""A line that says how far long work has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TextIO

from tradewinds.errors import DataError

__all__ = ["bar", "check_progress"]

#: Called with what is done and the total, and how much of what is done was done before.
Watcher = Callable[..., None]

#: Seconds before a bar appears by itself, and between two drawings.
_PATIENCE = 2.0
_PAUSE = 0.1
_WIDTH = 24
_PREFIXES = ("", "k", "M", "G", "T")


@contextmanager
def bar(what: str, progress: bool | Literal["auto"], *, unit: str) -> Iterator[Watcher | None]:
    """A watcher that draws on standard error, closed whatever happens; None where nothing is shown.

    ``progress`` True draws at once, "auto" in a terminal or notebook once two seconds have passed.
    """
    check_progress(progress)
    if not progress or (progress == "auto" and not _watched(sys.stderr)):
        yield None
        return
    drawn = _Bar(what, unit, sys.stderr, patience=_PATIENCE if progress == "auto" else 0.0)
    try:
        yield drawn
    finally:
        drawn.close()


def check_progress(progress: Any) -> None:
    """Refuses what is not True, False or "auto"."""
    if progress not in (True, False, "auto"):
        raise DataError(f"progress is {progress!r}; expected True, False or 'auto'")


class _Bar:
    def __init__(self, what: str, unit: str, stream: TextIO, *, patience: float) -> None:
        self._what = what
        self._unit = unit
        self._stream = stream
        self._start = time.monotonic()
        self._next = self._start + patience
        self._length = 0

    def __call__(self, done: int, total: int, before: int = 0) -> None:
        now = time.monotonic()
        if now < self._next and not (self._length and done >= total):
            return
        self._next = now + _PAUSE
        line = self._line(done, total, (done - before) / max(now - self._start, 1e-9))
        self._stream.write("\r" + line.ljust(self._length))
        self._stream.flush()
        self._length = len(line)

    def close(self) -> None:
        """Ends the line, if one was drawn."""
        if self._length:
            self._stream.write("\n")
            self._stream.flush()

    def _line(self, done: int, total: int, rate: float) -> str:
        share = done / total
        full = round(share * _WIDTH)
        left = f", {(total - done) / rate:.0f} s left" if rate > 0 and done < total else ""
        return (
            f"{self._what} {'█' * full}{'░' * (_WIDTH - full)} {share:4.0%} of {_amount(total, self._unit)}, "
            f"{_amount(rate, self._unit)}/s{left}"
        )


def _amount(number: float, unit: str) -> str:
    power = 0
    while number >= 1000 and power < len(_PREFIXES) - 1:
        number, power = number / 1000, power + 1
    return f"{number:.3g} {_PREFIXES[power]}{unit}"


def _watched(stream: Any) -> bool:
    """A terminal, or the output of a notebook."""
    if stream is None:
        return False
    kernel = sys.modules.get("ipykernel.iostream")
    return bool(stream.isatty()) or (kernel is not None and isinstance(stream, kernel.OutStream))
