"""Libraries that only some questions need."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["extra"]


def extra(module: str, name: str) -> Any:
    """Import a module of an optional library; ``name`` is the extra that installs it.

    Raises
    ------
    ImportError
        With the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        library = module.partition(".")[0]
        raise ImportError(
            f"this needs {library}, which is not installed: pip install 'tradewinds[{name}]'", name=library
        ) from error
