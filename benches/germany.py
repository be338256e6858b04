"""Germany without Russian energy on the WIOD of 2014, which is beside this checkout and not in the package.

    python benches/germany.py

The EU buys nothing from Russia of mining and quarrying (B) and of coke and refined products (C19); real
incomes in percent, from the long run to inputs and suppliers that hardly replace each other.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import tradewinds as tw

FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "wiod2014_44x50.npz"
#: Trade elasticity, substitution between inputs and between goods.
VERSIONS = ((4.0, 1.0, 1.0), (2.0, 0.5, 0.5), (1.5, 0.2, 0.5), (1.0, 0.1, 0.1), (0.5, 0.05, 0.1))
SHOWN = ("DEU", "ITA", "POL", "LTU", "RUS")


def wiod(path: Path) -> tw.InputOutput:
    """The table; final demand is what markets leave, value added what shares and outputs imply."""
    with np.load(path) as file:
        given = {name: file[name] for name in file.files}
    share, own, spending = given["import_share"], given["value_added_share"], given["expenditure"]
    inputs = given["input_share"] * (1 - own).T[:, None, :]
    output = (share * spending[:, :, None] / given["tariff_power"]).sum(1)
    final = spending - np.einsum("nkj,jn->kn", inputs, output)
    return tw.InputOutput.from_arrays(
        [str(name) for name in given["countries"]],
        [str(name) for name in given["sectors"]],
        import_share=share,
        input_share=inputs,
        value_added_share=own,
        final_share=final / final.sum(0),
        value_added=(own * output).sum(0),
        tariff_power=given["tariff_power"],
        deficit=-given["trade_surplus"],
        unit="million USD",
    )


def main() -> int:
    if not FILE.exists():
        print(f"{FILE} is not there; it is no part of the package")
        return 1
    table = wiod(FILE)
    ban = tw.Scenario("no energy from Russia", [tw.Ban(exporters="RUS", importers="EU27", commodities=["B", "C19"])])
    print(f"| θ | between inputs | between goods | {' | '.join(SHOWN)} |\n|{'---|' * (3 + len(SHOWN))}")
    for theta, inputs, goods in VERSIONS:
        model = tw.CaliendoParro(table, trade_elasticity=theta, between_inputs=inputs, between_goods=goods, period=2014)
        income = model.solve(ban).real_income.set_index("country")["real_income"]
        print(f"| {theta:g} | {inputs:g} | {goods:g} | {' | '.join(f'{income[name]:.2f}' for name in SHOWN)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
