"""The README's example prints what the README says, and the notebooks show what they compute."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from conftest import REPOSITORY

EXAMPLE = re.compile(r"```python\n(.*?)```\n+(?:```text\n(.*?)```)?", re.DOTALL)
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


def _printed(code: str, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), names)
    return printed.getvalue()


def test_the_readme_example_prints_what_the_readme_shows(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    examples = EXAMPLE.findall(text)
    assert examples, "the README has no example"
    names: dict[str, Any] = {}
    for code, shown in examples:
        printed = _printed(code, names)
        if shown:
            assert printed.rstrip().splitlines() == shown.rstrip().splitlines()


def test_the_readme_names_both_commands(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(repository: Path, document: str) -> None:
    text = (repository / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (repository / target).exists(), f"{document} links to {target}"


def _runner(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_notebooks", repository / "scripts" / "run_notebooks.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _steady(text: str) -> str:
    """Without the digits of rounding errors, which differ between machines."""
    return re.sub(r"\d+ iterations, residual \d\.\de-\d\d", "residual tiny", text)


def _text(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """What each cell prints or shows as text; pictures are compared by their presence."""
    return [
        [shown for kind, outputs in groupby(cell.get("outputs", ()), _kind) for shown in _shown(kind, list(outputs))]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def _kind(output: nbformat.NotebookNode) -> str:
    return str(output.get("name", output.output_type))


def _shown(kind: str, outputs: list[nbformat.NotebookNode]) -> list[str]:
    """A kernel in a hurry sends what is printed in several pieces: they are one."""
    if kind in ("stdout", "stderr"):
        return [_steady("".join(output["text"] for output in outputs))]
    return [
        "a picture" if "image/png" in output.get("data", {}) else _steady(output.get("data", {}).get("text/plain", ""))
        for output in outputs
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_it_computes(path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "notebooks")
    stored = nbformat.read(path, as_version=4)
    shown = _text(stored)
    runner = _runner(repository)
    executed = runner.plain(runner.execute(nbformat.read(path, as_version=4)))
    assert _text(executed) == shown, f"{path.name} is out of date; run make notebooks"
