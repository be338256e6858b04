"""A result at first sight: text in a terminal, a table in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from tradewinds.data.table import frame

if TYPE_CHECKING:
    from tradewinds.result.result import Result

__all__ = ["SHOWN", "STYLE", "aligned", "cell", "facts_html", "money", "result_html", "result_text"]

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


def _headline(result: Result) -> Any:
    """World trade by commodity, before and after."""
    flows = frame(result._core.table("flows"))
    totals = flows.groupby("commodity", observed=True, sort=False)[["value_before", "value_after"]].sum()
    welfare = frame(result._answer("welfare", by="commodity", choke=10.0)).set_index("commodity")["total"]
    return [
        (str(name), row["value_before"], row["value_after"], welfare[str(name)])
        for name, row in totals.iterrows()
        if row["value_before"] > 0
    ]


SHOWN = 12
_HEADS = ("commodity", "trade before", "trade after", "welfare")


def _rows(result: Result) -> tuple[list[tuple[str, ...]], int]:
    rows = _headline(result)
    shown: list[tuple[str, ...]] = [
        (name, money(before), money(after), money(total)) for name, before, after, total in rows[:SHOWN]
    ]
    return shown, len(rows) - len(shown)


def result_text(result: Result) -> str:
    """The result in a terminal."""
    lines = [f"<tradewinds.{type(result).__name__}: {_STATEMENT[result.status.converged]}>"]
    lines += [f"  {name:<16}{value}" for name, value in _facts(result)]
    rows, more = _rows(result)
    widths = [max(len(row[place]) for row in (_HEADS, *rows)) for place in range(len(_HEADS))]
    unit = result.model.flows.attrs["unit"]
    lines.append(f"  {aligned(_HEADS, widths)}   [{unit}]")
    lines += [f"  {aligned(row, widths)}" for row in rows]
    if more:
        lines.append(f"  and {more} more commodities")
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
    rows, more = _rows(result)
    unit = html.escape(result.model.flows.attrs["unit"])
    heads = "".join(
        f"<th style='padding-left:12px'>{head}{'' if head == 'commodity' else f', {unit}'}</th>" for head in _HEADS
    )
    body = "".join("<tr>" + "".join(cell(text, place) for place, text in enumerate(row)) + "</tr>" for row in rows)
    tail = f"<p>and {more} more commodities</p>" if more else ""
    return (
        f"<div style='{STYLE[result.status.converged]}'><table>{facts}</table>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{tail}</div>"
    )
