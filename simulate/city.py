"""A city of addresses that nobody lives at."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from eropaf.simulate.calibration import Calibration
from eropaf_client.records import Resident

LETTERS = "ABCDEFGHJKLMNPRTVWXZ"
STREETS = len(LETTERS) ** 2
# Some streets have one door per number, some stairs with floors, some split numbers.
DOORS = (("",), ("",), ("", "A"), ("H", "1", "2", "3"), ("HS", "1", "2"), ("A", "B"))
HIGHEST_FIRST_NUMBER = 300
# No common factor with the number of streets: neighbours in number live in different streets.
STRIDE = 147


@dataclass(frozen=True, slots=True)
class Home:
    """An address: its number in the city, and its plain parts."""

    number: int
    postcode: str
    house_number: int
    addition: str

    def written_by(self, creditor: str) -> Resident:
        """Return the address as `creditor` writes it: each has its own habits."""
        area, letters = self.postcode[:4], self.postcode[4:]
        if creditor == "rent":
            return Resident(None, self.postcode, str(self.house_number), self.addition or None)
        if creditor == "health":
            return Resident(None, f"{area} {letters.lower()}", f"{self.house_number} {self.addition}".strip())
        if creditor == "energy":
            number = f"{self.house_number}-{self.addition}" if self.addition else str(self.house_number)
            return Resident(None, f"{area} {letters}", number)
        return Resident(None, self.postcode.lower(), f"0{self.house_number}", self.addition.lower() or None)


def home(number: int, seed: int, calibration: Calibration) -> Home:
    """Return the address of household `number`: always the same for one seed, and unique.

    Each area is filled street by street, door by door, with a share of numbers by its weight.
    """
    rest, place = divmod(number, sum(calibration.areas.values()))
    for area, weight in calibration.areas.items():  # noqa: B007  # the one at which it ends
        if place < weight:
            break
        place -= weight
    door, street = divmod(rest * weight + place, STREETS)
    first, second = divmod((street * STRIDE + seed) % STREETS, len(LETTERS))
    postcode = area + LETTERS[first] + LETTERS[second]
    dice = Random(f"{seed}/street/{postcode}")
    lowest, doors = dice.randint(1, HIGHEST_FIRST_NUMBER), dice.choice(DOORS)
    # Along one side of the street.
    above, which = divmod(door, len(doors))
    return Home(number, postcode, lowest + 2 * above, doors[which])
