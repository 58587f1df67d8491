"""Log a signal without fear: the text form of a resident is a placeholder, whatever it holds."""

from dataclasses import replace

from eropaf_client.records import Resident

resident = Resident(postcode="1011 AB", house_number="7", addition="hs")

print(resident)
print(replace(resident, bsn="123456782"))
print(resident == Resident(postcode="1011 AB", house_number="7", addition="hs"))

# Prints:
# Resident()
# Resident()
# True
