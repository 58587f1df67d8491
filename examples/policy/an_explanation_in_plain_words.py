"""Read why a household stands where it does: the sealed facts, in Dutch at level B1 and in English."""

from eropaf.risk.plain_words import in_words

facts = {
    "score": 4_000,
    "ended_by": "OPEN",
    "overrule": None,
    "on": 20_514,
    "policy": "amsterdam-example-3",
    "bands": {"LOW": 0, "MEDIUM": 4_000, "HIGH": 7_000, "URGENT": 10_000},
    "threats": [],
    "contributions": [
        {
            "what": "arrears", "creditor": "rent", "partner_type": "RENT", "contract": "C-1",
            "quantity": 200, "points": 4_000, "amount_cents": 110_000, "reported_on": 20_514,
        },
    ],
}  # fmt: skip

for words in (in_words(facts, "nl"), in_words(facts, "en")):
    print(*words.splitlines()[:4], sep="\n")

# Prints:
# Waarom staat dit adres op deze plek?
# Deze punten bepalen alleen wie het eerst hulp krijgt aangeboden. Schuldeisers krijgen ze niet te zien.
# - rent meldde op 2 maart 2026: er is 1.100 euro huur niet betaald. Dat telt als 2 maanden. (40 punten)
# Samen: 40 punten.
# Why does this address stand where it stands?
# These points only decide who is offered help first. Creditors do not see them.
# - rent reported on 2 March 2026: 1,100 euros of rent are not paid. That counts as 2 months. (40 points)
# Together: 40 points.
