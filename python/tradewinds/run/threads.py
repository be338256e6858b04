"""The pool of threads."""

from __future__ import annotations

from tradewinds import _core
from tradewinds.errors import ModelError

__all__ = ["threads"]


def threads(n: int | None = None) -> int:
    """Set the number of threads of later solves; return the number in use.

    Without an argument nothing is changed. The first setting is the environment variable
    ``TRADEWINDS_THREADS``, else all cores. Results have the same bits on any number of threads.

    Parameters
    ----------
    n : int, optional
        At least 1.

    Raises
    ------
    ValueError
        ``n`` is below 1.
    """
    if n is not None:
        if n < 1:
            raise ModelError(f"threads is {n}; expected at least 1")
        _core.set_threads(n)
    return _core.threads()
