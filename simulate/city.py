"""A city of addresses that nobody lives at."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from eropaf.simulate.calibration import Calibration
from eropaf_client.records import Resident

ADDITIONS = ("", "", "", "", "H", "1", "2", "3", "A", "B", "HS")
LETTERS = "ABCDEFGHJKLMNPRTVWXZ"


@dataclass(frozen=True, slots=True)
class Home:
    """An address, as its number in the city and in its plain parts."""

    number: int
    postcode: str
    house_number: int
    addition: str

    def written_by(self, creditor: str) -> Resident:
        """Give the address as `creditor` writes it: each has habits of its own."""
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
    """Give the address of household `number`: always the same under one seed."""
    dice = Random(f"{seed}/home/{number}")
    area = dice.choices(list(calibration.areas), list(calibration.areas.values()))[0]
    letters = dice.choice(LETTERS) + dice.choice(LETTERS)
    # The number makes the address one of its own, however many share a postcode.
    return Home(number, area + letters, number % 99_998 + 1, ADDITIONS[number % len(ADDITIONS)])
