"""Questions as the core reads them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

__all__ = ["document"]


def document(question: str, arguments: Mapping[str, Any]) -> str:
    """A question and its arguments as JSON, which has no infinity: None stands for it."""
    told = {name: None if value == math.inf else value for name, value in arguments.items()}
    return json.dumps({"question": question, **told}, allow_nan=False)
