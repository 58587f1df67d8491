"""Read a DDAS 1.2 exchange file: the signals nobody has picked up yet, by the creditor of each."""

import json
from pathlib import Path

from eropaf_client.files.reading import read_by_creditor

CLIENT = {"geslachtsaanduiding": "Onbekend", "postcode": "1011 AB", "huisnummer": "12"}
SIGNAL = {
    "crisissignaal": False,
    "warmeOverdracht": False,
    "bedrag": 1650,
    "signaaldatum": "2026-03-02",
    "status": "Nog niet opgepakt",
    "client": CLIENT,
}
DELIVERY = {
    "teller": 1,
    "gemeentecode": "0363",
    "aanleverendeOrganisatie": {"naam": "Gemeente Voorbeeldstad", "kvk-nummer": "12345678"},
    "vroegsignalen": [
        SIGNAL | {"ID": "V-1", "signaalpartner": {"type": "Huur"}},
        SIGNAL | {"ID": "V-2", "signaalpartner": {"type": "Energie"}},
    ],
}
FILE = {
    "codeGegevensleverancier": "VOORBEELD 1.0",
    "startdatumLevering": "2026-03-01",
    "einddatumLevering": "2026-03-31",
    "aanleverdatumEnTijd": "2026-04-02T09:00:00Z",
    "leveringen": [DELIVERY],
}
Path("march.json").write_text(json.dumps(FILE))

for creditor, signals in read_by_creditor(Path("march.json"), None).by_creditor.items():
    print(creditor, [(each.place, each.signal.amount_cents) for each in signals])

# Prints:
# rent [('leveringen[0].vroegsignalen[0]', 165000)]
# energy [('leveringen[0].vroegsignalen[1]', 165000)]
