"""Why exporters' sales changed between two observations."""

from __future__ import annotations

from typing import Any, Literal

from tradewinds import _core
from tradewinds.data.flows import Flows
from tradewinds.data.table import frame
from tradewinds.errors import ModelError
from tradewinds.evidence.comparable import check_comparable, check_flows

__all__ = ["decompose"]


def decompose(
    before: Flows,
    after: Flows,
    *,
    method: Literal["cms", "lmdi"],
    by: Literal["exporter", "exporter_commodity"] = "exporter",
) -> Any:
    """Split the change of each exporter's sales abroad into structure and competitiveness.

    "cms": constant market shares (Tyszynski 1951, World trade in manufactured commodities, 1899–1950, The
    Manchester School 19; Leamer & Stern 1970, Quantitative International Economics, ch. 7), with the
    shares of before. Structure is what the exporter would have gained at constant shares of every
    market; competitiveness is what its shares gained in markets of the size before; interaction is what
    they gained in what markets grew by.

    "lmdi": the additive logarithmic mean Divisia index (LMDI-I; Ang 2004, Energy Policy 32, 1131–1139;
    Ang 2005, Energy Policy 33, 867–871) of sales = world trade × share of the commodity × share of the
    market in the commodity × the exporter's share of the market. It treats before and after alike and
    leaves no interaction.

    Parameters
    ----------
    before, after : Flows
        Of one period each: ``flows.select(periods=2021)``. Sales at home do not count, modes are summed.
        An absent flow is one of 0.
    method : {"cms", "lmdi"}
    by : {"exporter", "exporter_commodity"}

    Returns
    -------
    dataframe
        ``exporter[, commodity], before, after, change, structure, world_growth,
        commodity_composition, market_distribution, competitiveness, interaction, unit``, in the flows'
        currency. change = structure + competitiveness + interaction, and structure is the sum of the
        three after it: what growth of all trade, of the commodities the exporter sells, and of the
        markets it sells them to would have brought.

    Notes
    -----
    Zeros are taken by their limits, not by small constants (Ang, Zhang & Choi 1998, Energy 23, 489–495):
    under "lmdi" a flow that begins or ends is wholly due to the factor that was or becomes 0. A market
    that is new or has vanished has no share to compare, so that all of it is structure: of distribution,
    or of composition where the whole commodity is new.

    Raises
    ------
    DataError
        Something that is not flows, several periods, other currencies, valuations, HS revisions or price
        years, a commodity in one only, no trade between countries.
    """
    if method not in ("cms", "lmdi"):
        raise ModelError(f"method is {method!r}; expected 'cms' or 'lmdi'")
    if by not in ("exporter", "exporter_commodity"):
        raise ModelError(f"by is {by!r}; expected 'exporter' or 'exporter_commodity'")
    for name, flows in (("before", before), ("after", after)):
        check_flows(flows, name)
    check_comparable(before, after, ("before", "after"))
    answer = _core.decompose(before._core, after._core, method=method, by_commodity=by == "exporter_commodity")
    return frame(answer, before._backend, {"method": method})
