"""The package as it is installed: light to import, quiet, documented, and one version everywhere."""

from __future__ import annotations

import inspect
import logging
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import tradewinds as tw

HEAVY = ("pandas", "narwhals", "matplotlib", "polars", "pyarrow", "scipy", "plotly", "xarray", "IPython")
PUBLIC = [name for name in tw.__all__ if name != "__version__"]
CLASSES = [name for name in PUBLIC if inspect.isclass(getattr(tw, name))]

SESSION = """
import pickle
import tradewinds as tw
flows = tw.datasets.load("energy")
table = tw.datasets.elasticities(import_share="bundled", export_share="bundled")
scenario = tw.Scenario("x", [tw.Ban(exporters="RUS", importers="EU27", commodities="coal", start="2022-08-10")])
model = tw.Armington(flows, period=2021, substitution=table, demand=table, supply=table)
result = model.solve(tw.Scenario.from_toml(scenario.to_toml()), at=2023)
for part in (result.flows, result.prices, result.closed, result.certificate, result.welfare(), result.sources()):
    str(part)
result.diversion("RUS", "EU27"), result.share_shift("RUS", "EU27", "CHN"), result._repr_html_(), repr(result)
pickle.dumps(flows), flows.to_frame(), flows.aggregate(countries={"EU27": "EU27"})
try:
    tw.Ban(coverage=2)
except tw.TradewindsError:
    pass
"""


def run(*command: str, cwd: Path | None = None, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, encoding="utf-8", cwd=cwd)
    assert done.returncode == status, done.stderr
    return done


def python(code: str) -> str:
    return run("-c", code).stdout


def cli(*arguments: str, cwd: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    return run("-m", "tradewinds.cli", *arguments, cwd=cwd, status=status)


# importing


def test_importing_loads_the_core_and_no_dataframe_or_drawing_library() -> None:
    loaded = python("import sys, tradewinds; print(*sorted(sys.modules))").split()
    assert [name for name in HEAVY if name in loaded] == []
    assert {name for name in loaded if name.startswith("tradewinds")} == {"tradewinds", "tradewinds._core"}


def test_writing_a_scenario_needs_no_dataframe_library() -> None:
    code = "import sys, tradewinds as tw; tw.Scenario('x', [tw.Ban(exporters='RUS')]).to_toml(); print(*sys.modules)"
    assert {"pandas", "narwhals", "matplotlib"} & set(python(code).split()) == set()


def test_solving_draws_nothing_and_loads_no_drawing_library() -> None:
    assert "matplotlib" not in python(SESSION + "import sys; print(*sys.modules)").split()


def test_every_public_name_is_there_and_listed() -> None:
    assert len(set(tw.__all__)) == len(tw.__all__)
    assert set(tw.__all__) <= set(dir(tw))
    names: dict[str, Any] = {}
    exec("from tradewinds import *", names)
    assert set(tw.__all__) <= set(names)
    for name in (
        "Flows",
        "Scenario",
        "Ban",
        "Tariff",
        "ExportTax",
        "TradeCost",
        "Shift",
        "Armington",
        "datasets",
        "threads",
    ):
        assert name in tw.__all__
    with pytest.raises(AttributeError, match="has no attribute 'Flow'"):
        _ = tw.Flow  # type: ignore[attr-defined]


def test_a_public_name_is_said_to_come_from_where_it_is_documented() -> None:
    for name in CLASSES:
        assert getattr(tw, name).__module__.startswith("tradewinds."), name
        assert "_core" not in getattr(tw, name).__module__, name


def test_everything_public_has_a_docstring_of_its_own() -> None:
    bare = [name for name in PUBLIC if not getattr(tw, name).__doc__]
    for name in CLASSES:
        for member, value in vars(getattr(tw, name)).items():
            plain = inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod)
            if plain and not member.startswith("_") and not inspect.getdoc(getattr(getattr(tw, name), member)):
                bare.append(f"{name}.{member}")
    assert bare == []


@pytest.mark.parametrize("name", CLASSES)
def test_errors_that_a_docstring_promises_exist(name: str) -> None:
    members = [getattr(tw, name), *(value for _, value in inspect.getmembers(getattr(tw, name), inspect.isroutine))]
    text = "\n".join(
        member.__doc__ or "" for member in members if "tradewinds" in (getattr(member, "__module__", "") or "")
    )
    promised = set(re.findall(r"^ +(\w+Error)$", text, re.MULTILINE))
    assert promised <= set(tw.__all__)


def test_types_are_shipped() -> None:
    home = Path(inspect.getfile(tw)).parent
    assert (home / "py.typed").exists()
    assert (home / "_core.pyi").exists()
    stubbed = re.findall(r'^    "(\w+)",$', (home / "_core.pyi").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in stubbed if not hasattr(tw._core, name)] == []


# quiet


def test_nothing_prints_and_nothing_warns() -> None:
    done = run("-W", "error::DeprecationWarning:tradewinds", "-W", "always", "-c", SESSION)
    assert done.stdout == ""
    assert [line for line in done.stderr.splitlines() if "tradewinds" in line] == []


def test_the_logger_has_a_null_handler_and_nothing_else() -> None:
    handlers = python(
        "import logging, tradewinds; print([type(h).__name__ for h in logging.getLogger('tradewinds').handlers])"
        "; print(logging.getLogger().handlers)"
    )
    assert handlers.splitlines() == ["['NullHandler']", "[]"]
    assert logging.getLogger("tradewinds").level == logging.NOTSET


# one version, one wall


def test_the_version_is_the_same_everywhere(repository: Path) -> None:
    assert metadata.version("tradewinds") == tw.__version__
    cargo, citation = repository / "Cargo.toml", repository / "CITATION.cff"
    if not cargo.exists():
        pytest.skip("no source beside the tests: nothing to compare the installed version with")
    assert tomllib.loads(cargo.read_text(encoding="utf-8"))["package"]["version"] == tw.__version__
    cited = re.findall(r"^version: *\"?([^\"\n]+)", citation.read_text(encoding="utf-8"), re.MULTILINE)
    assert cited == [tw.__version__]
    changes = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    assert tw.__version__ in changes


def test_only_the_bindings_name_pyo3(repository: Path) -> None:
    source = repository / "src"
    if not source.is_dir():
        pytest.skip("no Rust source beside the tests")
    named = [
        f"{path.relative_to(source)}: {line.strip()}"
        for path in sorted(source.rglob("*.rs"))
        if path.relative_to(source).parts[0] != "bindings"
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bpyo3\b|\bnumpy::|\buse numpy\b", line)
    ]
    assert named == []


# command line


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    folder = tmp_path_factory.mktemp("demo")
    return cli("demo", "--out", "pictures/here", cwd=folder).stdout.splitlines(), folder / "pictures" / "here"


MOVED = ["coal", "copper", "crude", "lng", "maize", "nickel", "palladium", "platinum", "rice", "titanium", "wheat"]


@pytest.mark.parametrize("commodity", MOVED)
def test_the_demo_prints_a_line_a_commodity_with_its_figures(demo: tuple[list[str], Path], commodity: str) -> None:
    lines = [line for line in demo[0] if line.split()[:1] == [commodity]]
    assert len(lines) == 1
    assert lines[0].startswith(commodity)
    figures = [float(figure) for figure in re.findall(r"-?\d+\.\d", lines[0])]
    away_before, away_after, toward_before, toward_after = figures[:4]
    assert len(figures) == 7
    assert away_after < away_before
    assert toward_after >= toward_before
    # Redirected and not produced are all of what is lost, but for the mix in tonnes; three roundings to 0.1.
    assert figures[4] + figures[5] == pytest.approx(100, abs=0.21)


def test_the_demo_has_no_figures_where_nothing_is_lost(demo: tuple[list[str], Path]) -> None:
    (line,) = [line for line in demo[0] if line.startswith("soybeans")]
    assert "nan" not in line
    assert len(re.findall(r"\d+\.\d", line)) == 5


def test_the_demo_says_what_is_supposed(demo: tuple[list[str], Path]) -> None:
    assert any("Supposed: the EU bans the metals too" in line for line in demo[0])


def test_the_demo_writes_pictures_and_says_where(demo: tuple[list[str], Path]) -> None:
    lines, folder = demo
    pictures = sorted(folder.iterdir())
    assert [path.name for path in pictures] == ["share_shift.png", "shares.png"]
    for path in pictures:
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 10_000  # an empty Axes of this size has about 5 kB
        assert any(line.startswith("Wrote") and path.name in line for line in lines)


def test_the_demo_says_the_same_twice(demo: tuple[list[str], Path], tmp_path: Path) -> None:
    again = cli("demo", cwd=tmp_path).stdout.splitlines()
    assert [line for line in again if "->" in line] == [line for line in demo[0] if "->" in line]
    assert (tmp_path / "demo" / "shares.png").exists()


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert cli("--version", cwd=tmp_path).stdout == f"tradewinds {tw.__version__}\n"


def test_the_command_is_installed() -> None:
    found = [entry for entry in metadata.entry_points(group="console_scripts") if entry.name == "tradewinds"]
    assert {entry.value for entry in found} == {"tradewinds.cli:main"}


@pytest.mark.parametrize("arguments", [(), ("dmeo",), ("demo", "--uot", "x"), ("demo", "--out")], ids=" ".join)
def test_a_bad_command_fails_with_status_2_and_the_usage(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = cli(*arguments, cwd=tmp_path, status=2)
    assert "usage: tradewinds" in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_t_be_made_is_an_error_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    done = cli("demo", "--out", "taken", cwd=tmp_path, status=1)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("tradewinds: ")
    assert "taken" in done.stderr
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "a file"
