"""Scores of a backtest as frames, picture and text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tradewinds.errors import ModelError

__all__ = ["Backtest"]

_KEYS = ("model", "origin", "period", "commodity")
#: Nominal coverage by name in the frames.
_BANDS = (("50", "narrow", 0), ("90", "wide", 1))


class Backtest:
    """Predictions beside what happened, and their scores.

    Attributes
    ----------
    scenario, exporter : str
    notes : dict
        Baselines that have no solution, with the reason.
    failures : dict
        By model: members that could not be solved.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        scenario: str,
        exporter: str,
        kinds: Mapping[str, str],
        notes: Mapping[str, str],
        failures: Mapping[str, int],
    ) -> None:
        self._rows = list(rows)
        self._kinds = dict(kinds)
        self.scenario = scenario
        self.exporter = exporter
        self.notes = dict(notes)
        self.failures = dict(failures)

    @cached_property
    def frame(self) -> Any:
        """Every share: ``model, origin, period, commodity, destination, before, predicted, observed``.

        Shares 0 to 1 of what the exporter sold to disclosed partners. ``predicted`` is the mean of an
        ensemble; ``low_90, low_50, high_50, high_90`` its bands, missing for a single prediction.
        """
        import pandas as pd

        columns: dict[str, list[Any]] = {
            name: [] for name in (*_KEYS, "destination", "before", "predicted", "observed")
        }
        for name in ("low_90", "low_50", "high_50", "high_90"):
            columns[name] = []
        for row in self._rows:
            count = len(row["destination"])
            for key in _KEYS:
                columns[key] += [row[key]] * count
            for key in ("destination", "before", "predicted", "observed"):
                columns[key] += list(row[key])
            for nominal, key, _ in _BANDS:
                known = row["members"] > 1
                columns[f"low_{nominal}"] += [low if known else np.nan for low, _ in row[key]]
                columns[f"high_{nominal}"] += [high if known else np.nan for _, high in row[key]]
        return self._with_attrs(pd.DataFrame(columns))

    @cached_property
    def scores(self) -> Any:
        """A row a model, origin, period and commodity.

        Columns ``model, kind, origin, period, commodity, members, total_variation, sign_hits``, a
        ``skill_<baseline>`` for each baseline, ``coverage_50, coverage_90, width_90``. Total variation
        is half the sum of absolute differences of shares; skill is 1 − error / baseline's error, 0 as
        good as it, negative worse; ``kind`` is "naive", "frozen before" or "calibrated in hindsight".
        Coverage is the share of destinations within an ensemble's band.
        """
        import pandas as pd

        frame = pd.DataFrame([self._score(row) for row in self._rows])
        return self._with_attrs(frame)

    def _score(self, row: Mapping[str, Any]) -> dict[str, Any]:
        ensemble = row["members"] > 1
        return {
            "model": row["model"],
            "kind": self._kinds[row["model"]],
            **{key: row[key] for key in _KEYS[1:]},
            "members": row["members"],
            "total_variation": row["total_variation"],
            "sign_hits": row["sign_hits"],
            **{f"skill_{name}": self._skill(row, name) for name, kind in self._kinds.items() if kind == "naive"},
            **{f"coverage_{n}": row["coverage"][place] if ensemble else np.nan for n, _, place in _BANDS},
            "width_90": row["width"][1] if ensemble else np.nan,
        }

    def _skill(self, row: Mapping[str, Any], baseline: str) -> float:
        same = [
            other for other in self._rows if other["model"] == baseline and all(other[k] == row[k] for k in _KEYS[1:])
        ]
        if not same or same[0]["total_variation"] == 0:
            return float("nan")
        return float(1 - row["total_variation"] / same[0]["total_variation"])

    def _with_attrs(self, frame: Any) -> Any:
        frame.attrs.update(scenario=self.scenario, exporter=self.exporter, notes=self.notes, failures=self.failures)
        return frame

    def plot(self, *, commodity: str | None = None, models: Sequence[str] | None = None, ax: Any = None) -> Any:
        """What was predicted against what was observed, beside the naive answers; needs matplotlib.

        A block a commodity, origin and period, with all models or those named; gives back the Axes.

        Raises
        ------
        ModelError
            A model that was not scored.
        """
        from tradewinds.view.plot.backtest import draw

        strange = [name for name in models or () if name not in self._kinds]
        if strange:
            raise ModelError(f"'{strange[0]}' was not scored; there are {', '.join(self._kinds)}")
        frame = self.frame if commodity is None else self.frame.query("commodity == @commodity")
        frame = frame if models is None else frame[frame["model"].isin(models)]
        return draw(frame, self._kinds, f"{self.scenario}: where {self.exporter} sold", ax)

    def to_markdown(self) -> str:
        """The scores as a table of Markdown."""
        head, *body = self._text()
        lines = [head, ["---"] * len(head), *body]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"

    def to_latex(self) -> str:
        """The scores as a ``tabular`` of LaTeX with the rules of booktabs."""
        head, *body = ([_escaped(cell) for cell in cells] for cells in self._text())
        lines = [
            f"\\begin{{tabular}}{{{'l' * len(head)}}}",
            "\\toprule",
            f"{' & '.join(head)} \\\\",
            "\\midrule",
            *(f"{' & '.join(cells)} \\\\" for cells in body),
            "\\bottomrule",
            "\\end{tabular}",
        ]
        return "\n".join(lines) + "\n"

    def _text(self) -> list[list[str]]:
        """Head and rows; columns in which nothing is known are left out."""
        known = self.scores.dropna(axis="columns", how="all")
        rows = [[_written(cell) for cell in row] for row in known.itertuples(index=False)]
        return [[name.replace("_", " ") for name in known.columns], *rows]

    def __repr__(self) -> str:
        models = [name for name, kind in self._kinds.items() if kind != "naive"]
        return f"<tradewinds.Backtest: {self.scenario}; {', '.join(models)}; {len(self._rows)} predictions>"


def _written(cell: Any) -> str:
    if isinstance(cell, float):
        return "" if np.isnan(cell) else f"{cell:.2f}"
    return str(cell)


def _escaped(text: str) -> str:
    for mark in "&%$#_{}":
        text = text.replace(mark, f"\\{mark}")
    return text
