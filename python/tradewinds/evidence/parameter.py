"""Parameters as values: elasticities of some commodities and countries, sizes of measures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tradewinds.data.terms import Selector, terms
from tradewinds.errors import ModelError

__all__ = ["Parameter", "documents"]

ELASTICITIES = ("substitution", "demand", "supply")


@dataclass(frozen=True)
class Parameter:
    """One number of a model or a scenario, to differentiate by or to fit.

    Parameters
    ----------
    name : str
        "substitution", "demand" or "supply"; with ``measure``, the name of one of its numbers:
        "coverage", "leakage", "rate", "rate_to", "specific", "change", "supply", "demand".
    commodity : selector
        Of an elasticity: the commodities whose elasticity this is. Several move together.
    country : selector
        Of demand the importers, of supply the exporters. Several move together.
    measure : str, optional
        The label of a measure of the scenario.
    label : str, optional
        What it is called in frames; made of the above where not given.

    Raises
    ------
    ModelError
        An elasticity that is none, a measure's size limited to commodities or countries.

    Examples
    --------
    >>> tw.Parameter("demand", commodity="crude", country="CHN").label
    'demand (crude, CHN)'
    >>> tw.Parameter("coverage", measure="Ban 1").label
    'coverage (Ban 1)'
    """

    name: str
    commodity: Selector = "*"
    country: Selector = "*"
    measure: str | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ModelError(f"name is {self.name!r}; expected {', '.join(ELASTICITIES)} or a number of a measure")
        for key in ("commodity", "country"):
            given = terms(getattr(self, key))
            object.__setattr__(self, key, given[0] if len(given) == 1 else tuple(given))
        everywhere = (self.commodity, self.country) == ("*", "*")
        if self.measure is None and self.name not in ELASTICITIES:
            raise ModelError(
                f"name is {self.name!r}; expected {', '.join(ELASTICITIES)}; for the size of a measure give its label "
                "as measure="
            )
        if self.measure is not None and not everywhere:
            raise ModelError("a measure has one size for all it touches; leave commodity and country out")
        if self.name == "substitution" and self.country != "*":
            raise ModelError("substitution does not differ between countries; leave country out")
        if not self.label:
            where = [self.measure] if self.measure is not None else [*self._where("commodity"), *self._where("country")]
            object.__setattr__(self, "label", f"{self.name} ({', '.join(where)})" if where else self.name)

    def _where(self, key: str) -> list[str]:
        value = getattr(self, key)
        if value == "*" and (key == "commodity" or self.country == "*"):
            return []
        return [value if isinstance(value, str) else "+".join(value)]

    def record(self) -> dict[str, Any]:
        """As the core reads it."""
        where = {} if self.measure is not None else {"commodity": terms(self.commodity), "country": terms(self.country)}
        return {"label": self.label, "name": self.name, "measure": self.measure, **where}


def documents(parameters: Parameter | Sequence[Parameter]) -> tuple[list[Parameter], str]:
    """The parameters as a list, and as JSON.

    Raises
    ------
    ModelError
        None at all, something that is not a parameter, two of one label.
    """
    given = [parameters] if isinstance(parameters, Parameter) else list(parameters)
    if not given:
        raise ModelError("there are no parameters; give at least one tw.Parameter(...)")
    for place, parameter in enumerate(given):
        if not isinstance(parameter, Parameter):
            raise ModelError(
                f"parameter {place} is a {type(parameter).__name__}; make one with tw.Parameter(name, ...)"
            )
        if parameter.label in [other.label for other in given[:place]]:
            raise ModelError(f"two parameters are called '{parameter.label}'; give one of them another label=")
    return given, json.dumps([parameter.record() for parameter in given])
