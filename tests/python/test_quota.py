"""Quotas and amounts per unit: closed forms, complementarity, who earns the rent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tradewinds as tw

SIGMA, ETA, EPSILON = 5.0, -0.8, 0.5


def pair() -> tw.Armington:
    """One exporter, two buyers who buy from nobody else."""
    frame = pd.DataFrame({"exporter": "A", "importer": ["B", "C"], "value": [60.0, 40.0], "quantity": [30.0, 20.0]})
    flows = tw.Flows.from_frame(frame.assign(commodity="x"), countries="as_is", quantity_unit="t")
    return tw.Armington(flows, period=2021, substitution=SIGMA, demand=ETA, supply=EPSILON)


def quota(**parameters: object) -> tw.Scenario:
    return tw.Scenario("quota", [tw.Quota(exporters="A", importers="B", **parameters)])  # type: ignore[arg-type]


@pytest.mark.parametrize("rent", ["importer", "exporter"])
def test_a_binding_quota_has_its_closed_form(rent: str) -> None:
    result = pair().solve(quota(quantity=15, unit="t", rent=rent))
    # Sole supplier: q_j = p_j^η. With q_B at half, clearing in value is 0.6 · 0.5 + 0.4 p^η = p^ε.
    low, high = 1e-3, 1.0
    for _ in range(200):
        price = 0.5 * (low + high)
        low, high = (price, high) if 0.3 + 0.4 * price**ETA > price**EPSILON else (low, price)
    buyer = 0.5 ** (1 / ETA)
    licence = result.quotas.iloc[0]
    # The complementarity is solved to 1e-11 in logs.
    assert licence["used"] == pytest.approx(15.0, rel=1e-9)
    assert licence["licence_price"] == pytest.approx(2.0 * (buyer - price), rel=1e-8)
    earned = result.welfare().set_index("country")["rent"]
    holder = {"importer": "B", "exporter": "A"}[rent]
    assert earned[holder] == pytest.approx(15 * licence["licence_price"], rel=1e-9)
    assert earned.sum() == pytest.approx(earned[holder])


def test_a_slack_quota_costs_nothing_and_changes_nothing() -> None:
    result = pair().solve(quota(quantity=40))
    assert result.quotas["licence_price"].tolist() == [0.0]
    np.testing.assert_allclose(result.flows["value_after"], result.flows["value_before"], rtol=1e-12)


def test_a_quota_of_zero_is_a_ban() -> None:
    zero = pair().solve(quota(quantity=0)).flows["value_after"]
    ban = pair().solve(tw.Scenario("ban", [tw.Ban(exporters="A", importers="B")])).flows["value_after"]
    assert zero.tolist() == ban.tolist()


def test_beyond_a_tariff_rate_quota_the_duty_is_paid() -> None:
    result = pair().solve(quota(share=0.5, beyond=0.3))
    duty = pair().solve(tw.Scenario("duty", [tw.Tariff(exporters="A", importers="B", rate=0.3)]))
    # More comes in than the ceiling, so the margin is the duty's.
    np.testing.assert_allclose(result.flows["quantity_after"], duty.flows["quantity_after"], rtol=1e-9)
    welfare, full = result.welfare().set_index("country"), duty.welfare().set_index("country")
    together = welfare.loc["B", "rent"] + welfare.loc["B", "government"]
    assert together == pytest.approx(full.loc["B", "government"], rel=1e-9)
    used = result.quotas["used"].iloc[0]
    assert welfare.loc["B", "rent"] == pytest.approx(together * 15 / used, rel=1e-9)


def test_a_quota_is_for_its_own_window() -> None:
    result = pair().solve(quota(quantity=10, start="2024-01-01", end="2024-06-30"), at="2024-03")
    # 182 of 366 days.
    assert result.quotas["ceiling"].iloc[0] == pytest.approx(10 * 366 / 182, rel=1e-14)


def test_a_specific_duty_is_an_amount_per_unit_that_arrives() -> None:
    measures = [
        tw.Tariff(importers="B", specific=1.0, unit="t", currency="USD"),
        tw.TradeCost(importers="B", change=0.1),
    ]
    result = pair().solve(tw.Scenario("specific", measures))
    flow = result.flows.astype({"importer": str}).set_index("importer").loc["B"]
    duty = result.welfare().set_index("country").loc["B", "government"]
    assert duty == pytest.approx(flow["quantity_arrived"] * 1.0, rel=1e-9)


def test_units_convert_or_are_refused() -> None:
    tonnes, kilotonnes = pair().solve(quota(quantity=15, unit="t")), pair().solve(quota(quantity=0.015, unit="kt"))
    np.testing.assert_allclose(tonnes.flows["value_after"], kilotonnes.flows["value_after"], rtol=1e-9)
    with pytest.raises(tw.ScenarioError, match=r"Quota 1.*'bcm'.*'t'"):
        pair().solve(quota(quantity=15, unit="bcm"))
    with pytest.raises(tw.ScenarioError, match=r"EUR.*USD"):
        pair().solve(quota(value=15, currency="EUR"))


def test_an_amount_is_for_one_commodity_and_a_share_for_each() -> None:
    flows = tw.datasets.load("energy")
    model = tw.Armington(flows, period=2021, substitution=5, demand=-0.5, supply=0.5)
    selling = {"exporters": "RUS", "importers": "CHN", "commodities": ["crude", "lng"]}
    with pytest.raises(tw.ScenarioError, match=r"Quota 1.*one commodity.*2 \(crude, lng\)"):
        model.solve(tw.Scenario("both", [tw.Quota(**selling, quantity=1e6, unit="t")]))
    result = model.solve(tw.Scenario("each", [tw.Quota(**selling, share=0.5)]))
    sold = result.flows.query("exporter == 'RUS' and importer == 'CHN' and commodity != 'coal'")
    # Licence prices are solved to a residual of 1e-9 of the ceiling.
    assert (sold["quantity_after"] / sold["quantity_before"]).to_list() == pytest.approx([0.5, 0.5], rel=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_up_to_three_overlapping_quotas_are_complementary(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    names = np.array([f"C{place}" for place in range(n)])
    value = rng.lognormal(0, 1.5, (n, n)) * (rng.random((n, n)) < 0.7)
    value[0] = np.maximum(value[0], 0.1)
    value[:, 0] = np.maximum(value[:, 0], 0.1)
    i, j = np.nonzero(value)
    frame = pd.DataFrame({"exporter": names[i], "importer": names[j], "commodity": "x", "value": value[i, j]})
    frame["quantity"] = frame["value"] * rng.lognormal(0, 0.3, len(frame))
    model = tw.Armington(
        tw.Flows.from_frame(frame, countries="as_is", quantity_unit="t"),
        period=2021,
        substitution=float(rng.choice([2.0, 5.0, 10.0])),
        demand=float(rng.choice([-0.3, -1.0, -5.0])),
        supply=float(rng.choice([0.3, 1.0, np.inf])),
    )
    measures = []
    for _ in range(int(rng.integers(1, 4))):
        chosen = [list(rng.choice(names, int(rng.integers(1, n + 1)), replace=False)) for _ in range(2)]
        amount = rng.uniform(0.2, 1.2)
        ceiling = {"share": amount} if rng.random() < 0.6 else {"value": amount * value.sum() / 4}
        beyond = {"beyond": float(rng.uniform(0.1, 1))} if rng.random() < 0.3 else {}
        rent = str(rng.choice(["importer", "exporter"]))
        measures.append(tw.Quota(exporters=chosen[0], importers=chosen[1], rent=rent, **ceiling, **beyond))
    result = model.solve(tw.Scenario("quotas", measures))
    open_ended = [quota.beyond is not None for quota in measures]
    labels = result.scenario.labels
    for line in result.quotas.to_dict("records"):
        over = line["used"] / line["ceiling"] - 1
        # Asked for: a complementarity residual below 1e-9.
        if line["licence_price"] > 0:
            assert over > -1e-9
        if not open_ended[labels.index(line["measure"])]:
            assert over < 1e-9
    welfare = result.welfare()
    flows = result.flows
    spent = flows["value_after"].sum() + welfare["government"].sum()
    assert np.isfinite(spent)
    assert result.status.residual < 1e-9
