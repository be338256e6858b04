"""Draws that do not fit in memory: a folder of Parquet files a question."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tradewinds.errors import DataError, ModelError
from tradewinds.evidence.cells import Cells, plain
from tradewinds.extras import extra
from tradewinds.run.batch import Chunk, Outcome
from tradewinds.run.folder import atomically, claimed, whose

__all__ = ["Dataset"]

_FORMAT = 1
_HEAD = "draws.json"
_ADVICE = {
    True: "What the checkpoint has is whole: make room and call again to go on",
    False: "Make room and give a new folder; with a checkpoint= too, a call that was stopped goes on where it was",
}


class Dataset:
    """A Parquet dataset a question, ``<place>-<question>/part-<chunk>.parquet``, with a column ``draw``.

    Parameters
    ----------
    path : path
    cells : list of Cells
        What the draws are asked.
    identity : mapping
        What the run is, by the name of each part; ``draws.json`` beside the parts says it.
    resumed : bool
        Whether finished draws come from a checkpoint; then the folder's parts of the same run are written anew.

    Raises
    ------
    ModelError
        The folder has draws already, of another run where the parts that differ are named, or something else.
    DataError
        It can't be written.
    """

    def __init__(
        self, path: str | os.PathLike[str], cells: list[Cells], identity: Mapping[str, str], *, resumed: bool
    ) -> None:
        extra("pyarrow.parquet", "files")
        self.path = Path(path).absolute()
        self._cells = cells
        self._identity = dict(identity)
        self._advice = _ADVICE[resumed]
        self._chunks: list[Chunk] = []
        try:
            parts = list(self.path.glob("*/part-*.parquet"))
            if parts and not resumed:
                raise ModelError(f"keep {self.path} has files already; give an empty or a new folder")
            claimed("keep", self.path, _HEAD, self._identity, version=_FORMAT, about={})
            for part in parts:
                part.unlink()
            for place in range(len(cells)):
                self.folder(place).mkdir(exist_ok=True)
        except OSError as error:
            raise DataError(f"keep {self.path}: {error}; give a folder that can be made") from error

    def folder(self, place: int) -> Path:
        """Of the question at that place."""
        return self.path / f"{place + 1}-{self._cells[place].question.name}"

    def add(self, chunk: Chunk, outcome: Outcome) -> None:
        """Writes the draws of a chunk.

        Raises
        ------
        DataError
            A full disk, no permission.
        """
        arrow, parquet = extra("pyarrow", "files"), extra("pyarrow.parquet", "files")
        for place, cells in enumerate(self._cells):
            columns, _ = cells.stacked("draw", np.arange(chunk.first, chunk.last), outcome.answers)
            table = arrow.table({name: plain(column) for name, column in columns.items()})

            def write(file: Any, table: Any = table) -> None:
                parquet.write_table(table, file)

            atomically(self._part(place, chunk), write, self._advice)
        self._chunks.append(chunk)

    def read(self, place: int) -> dict[str, Any]:
        """All draws of a question by column, in order.

        Raises
        ------
        DataError
            The parts are gone, or of another run by now.
        """
        table = extra("pyarrow", "files").concat_tables(self._tables(place, None))
        return {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}

    def numbers(self, place: int, columns: Sequence[str]) -> npt.NDArray[np.float64]:
        """Columns of numbers of a question: draw × number, column after column.

        Raises
        ------
        DataError
            As :meth:`read`.
        """
        rows = self._cells[place].rows
        blocks = [
            np.concatenate([table.column(name).to_numpy().reshape(-1, rows) for name in columns], axis=1)
            for table in self._tables(place, columns)
        ]
        return np.concatenate(blocks)

    def _tables(self, place: int, columns: Sequence[str] | None) -> list[Any]:
        """The parts of this run, in order."""
        arrow, parquet = extra("pyarrow", "files"), extra("pyarrow.parquet", "files")
        wanted = None if columns is None else list(columns)
        try:
            theirs = whose(self.path / _HEAD)["identity"]
            parts = [self._part(place, chunk) for chunk in self._chunks]
            tables = [parquet.read_table(part, columns=wanted, partitioning=None) for part in parts]
        except (OSError, DataError, arrow.ArrowException) as error:
            raise DataError(
                f"the draws in {self.path} can't be read ({error.__cause__ or error!r}); put them back if they were "
                "moved, else sample again"
            ) from error
        expected = [(chunk.last - chunk.first) * self._cells[place].rows for chunk in self._chunks]
        if theirs != self._identity or [table.num_rows for table in tables] != expected:
            raise DataError(f"the draws in {self.path} were written anew by another call; sample again")
        return tables

    def _part(self, place: int, chunk: Chunk) -> Path:
        return self.folder(place) / f"part-{chunk.number:07d}.parquet"
