"""The city's households: form, income, tenancy, area, and how much strain they are under."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from eropaf.simulate.years.draws import Draws
from eropaf.simulate.years.parameters import Parameters


class Form(IntEnum):
    """Who lives together."""

    SINGLE = 0
    SINGLE_PARENT = 1
    COUPLE = 2
    FAMILY = 3
    OTHER = 4


class Income(IntEnum):
    """What a household mainly lives on."""

    WORK = 0
    ASSISTANCE = 1
    DISABILITY = 2
    PENSION = 3


class Tenancy(IntEnum):
    """Whose the home is."""

    CORPORATION = 0
    PRIVATE = 1
    OWNER = 2


# Shares of households: a choice, near a large Dutch city's.
FORMS = (0.50, 0.08, 0.21, 0.17, 0.04)
# Shares of income in each form: a choice. Hardly a pensioner brings up children.
INCOMES = (
    (0.66, 0.10, 0.05, 0.19),
    (0.70, 0.24, 0.05, 0.01),
    (0.63, 0.03, 0.03, 0.31),
    (0.92, 0.05, 0.02, 0.01),
    (0.78, 0.11, 0.06, 0.05),
)
# De Amsterdamse woningmarkt (WiA 2023): corporation, private rent; the rest owns.
TENANCIES = (0.395, 0.316)
AREAS = ("Centrum", "West", "Nieuw-West", "Zuid", "Oost", "Noord", "Zuidoost")
# Dwellings by area: a choice, near Amsterdam's. Corporation shares: AFWC Jaarbericht 2021.
DWELLINGS = (0.125, 0.175, 0.155, 0.185, 0.15, 0.11, 0.10)
CORPORATION_SHARE = (0.27, 0.36, 0.47, 0.25, 0.42, 0.56, 0.51)
# A choice: as many in each area, of one size; at most 127 in all.
NEIGHBOURHOODS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Households by number. `strain` is one on average: how many times as often things go wrong.

    Each area has `NEIGHBOURHOODS`, numbered through the city.
    """

    form: NDArray[np.int8]
    income: NDArray[np.int8]
    tenancy: NDArray[np.int8]
    area: NDArray[np.int8]
    neighbourhood: NDArray[np.int8]
    strain: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.strain)

    def children(self) -> NDArray[np.bool_]:
        """Say which households bring up children."""
        return np.isin(self.form, (Form.SINGLE_PARENT, Form.FAMILY))


def populate(draws: Draws, parameters: Parameters) -> Population:
    """Return the households of a city: one seed, one city."""
    form = _chosen(draws.of("form"), np.array(FORMS))
    cumulative = np.cumsum(np.array(INCOMES), axis=1)[form]
    income = (draws.of("income")[:, None] > cumulative[:, :-1]).sum(axis=1).astype(np.int8)
    luck = draws.generator("strain").standard_normal(draws.households, dtype=np.float32)
    strain = np.exp(np.float32(parameters.inequality) * luck)
    strain *= _of_form(parameters)[form] * _of_income(parameters)[income]
    tenancy = _tenancy(draws, strain, parameters.tenancy_luck)
    area = _area(draws, tenancy)
    neighbourhood = area * NEIGHBOURHOODS + (draws.of("neighbourhood") * NEIGHBOURHOODS).astype(np.int8)
    of_neighbourhood = draws.generator("neighbourhoods").standard_normal(len(AREAS) * NEIGHBOURHOODS)
    strain *= np.exp(parameters.area_inequality * of_neighbourhood)[neighbourhood]
    strain /= strain.mean(dtype=np.float64)
    return Population(
        form=form,
        income=income,
        tenancy=tenancy,
        area=area,
        neighbourhood=neighbourhood,
        strain=strain.astype(np.float32),
    )


def _of_form(parameters: Parameters) -> NDArray[np.float32]:
    strains = (
        1.0,
        parameters.strain_single_parent,
        parameters.strain_couple,
        parameters.strain_family,
        parameters.strain_other,
    )
    return np.array(strains, np.float32)


def _of_income(parameters: Parameters) -> NDArray[np.float32]:
    strains = (
        1.0,
        parameters.strain_assistance,
        parameters.strain_disability,
        parameters.strain_pension,
    )
    return np.array(strains, np.float32)


def _tenancy(draws: Draws, strain: NDArray[np.float32], luck: float) -> NDArray[np.int8]:
    """Return the tenancies. Whoever is under strain rents from a corporation more often."""
    lots = draws.generator("tenancy").standard_normal(len(strain))
    order = np.argsort(np.log(strain) + luck * lots)[::-1]
    edges = (np.cumsum(TENANCIES) * len(strain)).round().astype(int)
    tenancy = np.full(len(strain), Tenancy.OWNER, np.int8)
    tenancy[order[: edges[0]]] = Tenancy.CORPORATION
    tenancy[order[edges[0] : edges[1]]] = Tenancy.PRIVATE
    return tenancy


def _area(draws: Draws, tenancy: NDArray[np.int8]) -> NDArray[np.int8]:
    dwellings, corporation = np.array(DWELLINGS), np.array(CORPORATION_SHARE)
    chances = draws.of("area")
    inside = _chosen(chances, dwellings * corporation)
    outside = _chosen(chances, dwellings * (1 - corporation))
    return np.where(tenancy == Tenancy.CORPORATION, inside, outside).astype(np.int8)


def _chosen(chances: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.int8]:
    edges = np.cumsum(weights)[:-1] / weights.sum()
    return np.searchsorted(edges, chances, side="right").astype(np.int8)
