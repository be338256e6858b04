"""What all tests share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# A suite started in the background inherits an ignored Ctrl-C, and hands it on to the processes it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared(repository: Path) -> Path:
    """The published figures that the bundled tables are compiled from; absent from a plain clone."""
    folder = repository.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the published figures are not beside this checkout; the bundled tables can't be recompiled")
    return folder


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved result of two stretches of a year, with a ban, a duty on baseline duties and a quota."""
    from kinds import BAN, LATER, model, solve

    import tradewinds as tw

    path = tmp_path_factory.mktemp("saved") / "result"
    quota = tw.Quota(exporters="SAU", importers="CHN", commodities="crude", share=0.5)
    tariffs = model().flows.to_frame()[["exporter", "importer", "commodity"]].assign(tariff=0.1)
    solve(BAN, LATER, quota, at=2022, of=model(tariffs=tariffs)).save(path)
    return path
