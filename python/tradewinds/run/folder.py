"""Folders of a run's files that know which run they are of."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from tradewinds.errors import DataError, ModelError

__all__ = ["atomically", "claimed", "whose"]


def claimed(
    what: str, folder: Path, head: str, identity: Mapping[str, str], *, version: int, about: Mapping[str, Any]
) -> dict[str, Any]:
    """The head of a run's folder: written into a new one, else read, where it must be of this run.

    Parameters
    ----------
    what : str
        The argument that names the folder, for messages.
    folder : Path
    head : str
        Name of the file that says whose the folder is.
    identity : mapping
        What the run is, by the name of each part.
    version : int
        Of the folder's format.
    about : mapping
        What else a new head says.

    Raises
    ------
    ModelError
        The folder has files of another run, with the parts that differ, or of something else.
    DataError
        It can't be written or read.
    """
    place = folder / head
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            _check_empty(what, folder, head)
            document = {"format": version, **about, "identity": dict(identity)}
            written = json.dumps(document, indent=1).encode()
            atomically(place, lambda file: file.write(written), "make room and call again")
            return document
    except OSError as error:
        raise DataError(f"{what} {folder}: {error}; give a folder that can be made") from error
    saved = whose(place)
    if saved["format"] != version:
        raise DataError(
            f"{place} has format {saved['format']}, this version reads format {version}; give another folder"
        )
    differing = [name for name in identity if saved["identity"].get(name) != identity[name]]
    if differing:
        raise ModelError(
            f"{what} {folder} is of another run: {', '.join(differing)} differ; give another folder, or the arguments "
            "it was made with"
        )
    return saved


def whose(head: Path) -> dict[str, Any]:
    """What a head says; ``format`` and ``identity`` are among it.

    Raises
    ------
    DataError
        It can't be read.
    """
    try:
        saved = json.loads(head.read_text(encoding="utf-8"))
        if not isinstance(saved["identity"], dict):
            raise TypeError("its identity is no mapping")
        return {**saved, "format": saved["format"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{head} can't be read ({error!r}); give another folder") from error


def _check_empty(what: str, folder: Path, head: str) -> None:
    """Refuses what is not empty, but for heads that a killed process began to write: these are removed."""
    for found in list(folder.iterdir()):
        if not found.name.startswith(f".{head}."):
            raise ModelError(f"{what} {folder} has files of something else; give an empty or a new folder")
        found.unlink(missing_ok=True)


def atomically(place: Path, write: Callable[[BinaryIO], object], advice: str) -> None:
    """Writes a file that is whole on the disk before it has its name.

    Raises
    ------
    DataError
        A full disk, no permission; with ``advice`` on what to do.
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
        raise DataError(f"{place} can't be written: {error}. {advice[0].upper()}{advice[1:]}") from error
