"""Read a CSV file as an office makes it: semicolons, decimal commas and Dutch column names are understood."""

from pathlib import Path

from eropaf_client.files.reading import read_by_creditor

Path("maart.csv").write_bytes(
    "signaal_id;contractnummer;soort;signaalpartner;bedrag;signaaldatum;versie;postcode;huisnummer\r\n"
    "S-1;C-1;gemeld;Huur;1.650,50;2-3-2026;1;1011 AB;7hs\r\n"
    "S-2;C-2;betaald;Huur;0,00;2-3-2026;4;1012 CD;19\r\n".encode("windows-1252")
)

delivered = read_by_creditor(Path("maart.csv"), "rent")
print("read as", delivered.understood)
for filed in delivered.by_creditor["rent"]:
    signal = filed.signal
    print(filed.place, signal.kind.value, signal.amount_cents, signal.reported_at.date())

# Prints:
# read as semicolons, comma decimals, UTF-8: 2 rows
# line 2 REPORTED 165050 2026-03-02
# line 3 PAID 0 2026-03-02
