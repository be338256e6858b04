"""Execute the notebooks and write their outputs back: ``python scripts/run_notebooks.py``."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SECONDS = 300


def execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with fresh outputs; raises where a cell fails."""
    return NotebookClient(notebook, timeout=SECONDS, kernel_name="python3").execute()


def plain(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without what differs from run to run."""
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_bar(output)]
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return notebook


def _is_bar(output: nbformat.NotebookNode) -> bool:
    """A bar of progress, which only a slow machine shows."""
    told = output.text if output.output_type == "stream" and output.name == "stderr" else ""
    return told.startswith("\r") or told == "\n"


def main() -> None:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        nbformat.write(plain(execute(notebook)), path)
        print(f"executed {path.name}")


if __name__ == "__main__":
    main()
