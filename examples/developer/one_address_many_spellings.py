"""Write an address in any spelling: one home has one address, and what cannot exist is refused."""

from eropaf.risk.address import normalise
from eropaf.risk.refusal import Refused

for written in [
    ("1011 AB", "12", "huis"),
    ("1011ab", "12-hs", None),
    ("1011AB", "012 H", "s"),
    ("1011 AB", "12-3", None),
    ("0011 AB", "12", None),
]:
    try:
        print(normalise(*written))
    except Refused as refusal:
        print(refusal.reason)

# Prints:
# Address(postcode='1011AB', house_number=12, addition='HS')
# Address(postcode='1011AB', house_number=12, addition='HS')
# Address(postcode='1011AB', house_number=12, addition='HS')
# Address(postcode='1011AB', house_number=12, addition='3')
# impossible-postcode
