"""Draws that do not fit in memory: a folder of Parquet files a question."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from tradewinds.errors import DataError, ModelError
from tradewinds.evidence.cells import Cells, plain
from tradewinds.extras import extra
from tradewinds.run.batch import Chunk, Outcome
from tradewinds.run.checkpoint import atomically

__all__ = ["Dataset"]


class Dataset:
    """A Parquet dataset a question, ``<place>-<question>/part-<chunk>.parquet``, with a column ``draw``."""

    def __init__(self, path: str | os.PathLike[str], cells: list[Cells], *, fresh: bool) -> None:
        if not isinstance(path, str | os.PathLike):
            raise ModelError(f"keep is {path!r}; expected 'auto', True, False or a folder")
        extra("pyarrow.parquet", "files")
        self.path = Path(path)
        self._cells = cells
        try:
            if fresh and self.path.exists() and any(self.path.iterdir()):
                raise ModelError(f"keep {self.path} has files already; give an empty or a new folder")
            for place in range(len(cells)):
                self.folder(place).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"keep {self.path}: {error}; give a folder that can be made") from error

    def folder(self, place: int) -> Path:
        """Of the question at that place."""
        return self.path / f"{place + 1}-{self._cells[place].question.name}"

    def add(self, chunk: Chunk, outcome: Outcome) -> None:
        arrow, parquet = extra("pyarrow", "files"), extra("pyarrow.parquet", "files")
        for place, cells in enumerate(self._cells):
            columns, _ = cells.stacked("draw", np.arange(chunk.first, chunk.last), outcome.answers)
            table = arrow.table({name: plain(column) for name, column in columns.items()})
            part = self.folder(place) / f"part-{chunk.number:07d}.parquet"

            def write(file: Any, table: Any = table) -> None:
                parquet.write_table(table, file)

            atomically(part, write)

    def read(self, place: int) -> dict[str, Any]:
        """All draws of a question by column, in order."""
        table = extra("pyarrow.parquet", "files").read_table(self.folder(place))
        return {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}
