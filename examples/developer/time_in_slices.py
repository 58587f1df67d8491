"""Let a day pass for a partition in slices, so that no event waits until all households were looked at."""

from eropaf.risk.events import Tick

households = [f"{number:04x}" + "0" * 28 for number in range(0, 16**4, 90)]

tick = Tick(on=20_514, slice=0, slices=0).follow(len(households))
reached = 0
while tick is not None:
    found = tick.among(households)
    reached += len(found)
    print(f"slice {tick.slice + 1} of {tick.slices}, {tick.reach[0]} to {tick.reach[1]}: {len(found)}")
    tick = tick.follow(len(households))
print(reached == len(households))

# Prints:
# slice 1 of 3, 0000 to 5555: 243
# slice 2 of 3, 5555 to aaaa: 243
# slice 3 of 3, aaaa to g: 243
# True
