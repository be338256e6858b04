"""A result at first sight: text in a terminal, a table in a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tradewinds.data.balance import totals
from tradewinds.data.table import frame

if TYPE_CHECKING:
    from tradewinds.data.input_output import InputOutput
    from tradewinds.result.result import Result

__all__ = [
    "SHOWN",
    "STYLE",
    "aligned",
    "cell",
    "facts_html",
    "input_output_html",
    "input_output_text",
    "money",
    "result_html",
    "result_text",
]

STYLE = {
    True: "border-left:4px solid #2f6f4f;padding-left:10px",
    False: "border-left:4px solid #b3261e;padding-left:10px;background:#fdecea",
}
_STATEMENT = {True: "converged", False: "DID NOT CONVERGE"}


def money(value: float) -> str:
    """An amount of money with its order of magnitude."""
    for size, name in ((1e9, "bn"), (1e6, "m")):
        if abs(value) >= size:
            return f"{value / size:,.1f} {name}"
    return f"{value:,.0f}"


def _facts(result: Result) -> list[tuple[str, str]]:
    model, status = result.model, result.status
    at = result.settings["at"] or "every measure fully in force"
    facts = [
        ("scenario", result.scenario.name),
        ("model", f"{type(model).__name__}, baseline {model.period}, {at}" + _variant(result)),
        (
            "status",
            _STATEMENT[status.converged]
            + ("" if status.converged else f": {status.reason}")
            + f", {status.iterations} iterations, residual {status.residual:.1e}",
        ),
    ]
    closed = len(result.closed)
    if closed:
        facts.append(("closed", f"{closed} markets lost every partner, see .closed"))
    if result.left_out:
        facts.append(("left out", ", ".join(result.left_out)))
    if result._core.without_effect:
        facts.append(("no effect", ", ".join(result._core.without_effect)))
    if result.model.prior is not None:
        low, high = result.model.prior["band"]
        facts.append(("prior", f"weight {result.model.prior['weight']:g}, band {low:g} to {high:g}"))
    ignored = [name for name, where in result.domestic_market.items() if where.startswith("ignored")]
    if ignored:
        shown = ", ".join(ignored[:4]) + (", …" if len(ignored) > 4 else "")
        facts.append(("domestic market", f"ignored for {shown}"))
    return facts


def _variant(result: Result) -> str:
    first_order = ", first order" if result.settings["order"] == 1 else ""
    return first_order + (", averaged wedges" if result.settings["exposure"] == "average" else "")


class _Headline(NamedTuple):
    """Heads and rows of text, how many rows are not shown, and what they are."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    more: int
    what: str


SHOWN = 12


def _headline(result: Result) -> _Headline:
    from tradewinds.result.general import GeneralResult

    return _incomes(result) if isinstance(result, GeneralResult) else _trade(result)


def _trade(result: Result) -> _Headline:
    """World trade by commodity, before and after."""
    from tradewinds.result.result import CHOKE

    flows = frame(result._core.table("flows"))
    totals = flows.groupby("commodity", observed=True, sort=False)[["value_before", "value_after"]].sum()
    totals = totals[totals["value_before"] > 0]
    welfare = frame(result._answer("welfare", by="commodity", choke=CHOKE)).set_index("commodity")["total"]
    rows = [
        (str(name), money(row["value_before"]), money(row["value_after"]), money(welfare[str(name)]))
        for name, row in totals.head(SHOWN).iterrows()
    ]
    unit = result.model.flows.attrs["unit"]
    heads = ("commodity", f"trade before, {unit}", f"trade after, {unit}", f"welfare, {unit}")
    return _Headline(heads, rows, len(totals) - len(rows), "commodities")


def _incomes(result: Result) -> _Headline:
    """Real incomes, those that move most first."""
    incomes = frame(result._core.table("real_income"))
    order = incomes["real_income"].abs().sort_values(ascending=False, kind="stable").index
    rows = [
        (row.country, f"{row.real_income:+.3f}", f"{row.real_wage:+.3f}")
        for row in incomes.loc[order].head(SHOWN).itertuples()
    ]
    return _Headline(("country", "real income, %", "real wage, %"), rows, len(incomes) - len(rows), "countries")


def result_text(result: Result) -> str:
    """The result in a terminal."""
    lines = [f"<tradewinds.{type(result).__name__}: {_STATEMENT[result.status.converged]}>"]
    lines += [f"  {name:<16}{value}" for name, value in _facts(result)]
    heads, rows, more, what = _headline(result)
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    lines += [f"  {aligned(row, widths)}" for row in (heads, *rows)]
    if more:
        lines.append(f"  and {more} more {what}")
    return "\n".join(lines)


def aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *rest = (
        text.ljust(width) if place == 0 else text.rjust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest])


def cell(text: str, place: int) -> str:
    return f"<td style='text-align:{'left' if place == 0 else 'right'};padding-left:12px'>{html.escape(text)}</td>"


def facts_html(facts: list[tuple[str, str]]) -> str:
    """Names and values as rows of a table."""
    return "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
        for name, value in facts
    )


def result_html(result: Result) -> str:
    """The result in a notebook."""
    facts = facts_html(_facts(result))
    names, rows, more, what = _headline(result)
    heads = "".join(f"<th style='padding-left:12px'>{html.escape(head)}</th>" for head in names)
    body = "".join("<tr>" + "".join(cell(text, place) for place, text in enumerate(row)) + "</tr>" for row in rows)
    tail = f"<p>and {more} more {what}</p>" if more else ""
    return (
        f"<div style='{STYLE[result.status.converged]}'><table>{facts}</table>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{tail}</div>"
    )


def _names(names: list[str]) -> str:
    return f"{len(names)} ({', '.join(names[:4])}{', …' if len(names) > 4 else ''})"


def _table_facts(table: InputOutput) -> list[tuple[str, str]]:
    unit = table.attrs["unit"]
    facts = [
        ("countries", _names(table.countries)),
        ("sectors", _names(table.sectors)),
        ("value added", f"{table.value_added.sum():,.6g} {unit}"),
        ("duties", "none" if table.tariff_power is None else "as tariff_power"),
    ]
    facts += [(name, str(table.attrs[name])) for name in ("period", "source", "licence") if name in table.attrs]
    facts += [
        (name.replace("_", " "), f"{total['absolute']:,.6g} {unit} in all")
        for name, total in totals(table._balance).items()
    ]
    return facts


def input_output_text(table: InputOutput) -> str:
    """An input–output table in a terminal."""
    countries, sectors = _names(table.countries), _names(table.sectors)
    period = f"{table.attrs['period']}, " if "period" in table.attrs else ""
    return (
        f"<tradewinds.InputOutput: countries {countries}, sectors {sectors}, {period}value added "
        f"{table.value_added.sum():,.6g} {table.attrs['unit']}>"
    )


def input_output_html(table: InputOutput) -> str:
    """An input–output table in a notebook, with what its balance reports."""
    return f"<table>{facts_html(_table_facts(table))}</table>"
