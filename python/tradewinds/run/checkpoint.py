"""Finished chunks in a folder, so that a run that was killed goes on where it was."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tradewinds.errors import DataError, ModelError
from tradewinds.run.batch import Chunk, Outcome
from tradewinds.run.folder import atomically, claimed

__all__ = ["Checkpoint"]

_FORMAT = 2
_HEAD = "checkpoint.json"
_ADVICE = "Chunks written before are whole: make room and call again to go on"
_ARRAYS = ("answers", "converged", "iterations", "residual")


class Checkpoint:
    """A folder of chunks: a file each, written whole or not at all.

    Parameters
    ----------
    path : path
    identity : mapping
        What the run is, by the name of each part.
    size : int
        Draws a chunk, unless the folder has a run that is cut otherwise.

    Raises
    ------
    ModelError
        The folder has the chunks of another run: the parts that differ are named. Something that is no path.
    DataError
        It can't be written or read.
    """

    def __init__(self, path: str | os.PathLike[str], identity: Mapping[str, str], size: int) -> None:
        if not isinstance(path, str | os.PathLike):
            raise ModelError(f"checkpoint is {path!r}; expected a folder")
        self._folder = Path(path)
        head = claimed("checkpoint", self._folder, _HEAD, identity, version=_FORMAT, about={"size": size})
        try:
            self.size = int(head["size"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{self._folder / _HEAD} can't be read ({error!r}); give another folder") from error

    def load(self, chunk: Chunk) -> Outcome | None:
        """A finished chunk; None where it is still to be run."""
        place = self._place(chunk)
        if not place.exists():
            return None
        try:
            with np.load(place, allow_pickle=False) as saved:
                arrays = {name: saved[name] for name in _ARRAYS}
                rest = json.loads(str(saved["rest"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        if len(arrays["converged"]) != chunk.last - chunk.first:
            return None
        return Outcome(**arrays, reasons=[tuple(one) for one in rest["reasons"]], left_out=rest["left_out"])

    def save(self, chunk: Chunk, outcome: Outcome) -> None:
        """Keeps a finished chunk."""
        rest = json.dumps({"reasons": outcome.reasons, "left_out": outcome.left_out})
        arrays = {name: getattr(outcome, name) for name in _ARRAYS}
        atomically(self._place(chunk), lambda file: np.savez(file, rest=np.array(rest), **arrays), _ADVICE)

    def _place(self, chunk: Chunk) -> Path:
        return self._folder / f"chunk-{chunk.number:07d}.npz"
