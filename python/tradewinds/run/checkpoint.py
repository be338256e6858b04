"""Finished chunks in a folder, so that a run that was killed goes on where it was."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tradewinds.errors import DataError, ModelError
from tradewinds.run.batch import Chunk, Outcome

__all__ = ["Checkpoint", "atomically"]

_FORMAT = 2
_HEAD = "checkpoint.json"
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
        The folder has the chunks of another run: the parts that differ are named.
    DataError
        It can't be written or read.
    """

    def __init__(self, path: str | os.PathLike[str], identity: Mapping[str, str], size: int) -> None:
        self._folder = Path(path)
        self.size = size
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"checkpoint {self._folder}: {error}; give a folder that can be made") from error
        head = self._folder / _HEAD
        if not head.exists():
            if any(self._folder.iterdir()):
                raise ModelError(
                    f"checkpoint {self._folder} has files of something else; give an empty or a new folder"
                )
            document = json.dumps({"format": _FORMAT, "size": size, "identity": dict(identity)}, indent=1)
            atomically(head, lambda file: file.write(document.encode()))
            return
        try:
            saved = json.loads(head.read_text(encoding="utf-8"))
            self.size, known, version = int(saved["size"]), saved["identity"], saved["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{head} can't be read ({error!r}); give another folder") from error
        if version != _FORMAT:
            raise DataError(f"{head} has format {version}, this version reads format {_FORMAT}; give another folder")
        differing = [name for name in identity if known.get(name) != identity[name]]
        if differing:
            raise ModelError(
                f"checkpoint {self._folder} is of another run: {', '.join(differing)} differ; give another folder, or "
                "the arguments it was made with"
            )

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
        atomically(self._place(chunk), lambda file: np.savez(file, rest=np.array(rest), **arrays))

    def _place(self, chunk: Chunk) -> Path:
        return self._folder / f"chunk-{chunk.number:07d}.npz"


def atomically(place: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes a file that is whole on the disk before it has its name.

    Raises
    ------
    DataError
        A full disk, no permission.
    """
    unfinished = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, place)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise DataError(
            f"{place} can't be written: {error}. Chunks written before are whole: make room and call again to go on"
        ) from error
