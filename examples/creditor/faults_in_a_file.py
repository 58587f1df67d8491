"""Find what is wrong with a file: nothing of it is used, and every fault names its line and column."""

from pathlib import Path

from eropaf_client.errors import FileRefused
from eropaf_client.files.reading import read_by_creditor

Path("march.csv").write_text(
    "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
    "S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n"
    "S-2,C-2,REPORTED,RENT,much,2026-03-02,1,1012 CD,19\n"
    "S-3,C-3,LATE,RENT,900.00,2026-03-02,1,101 JK,3\n"
)

try:
    read_by_creditor(Path("march.csv"), "rent")
except FileRefused as refused:
    for problem in refused.problems:
        print(problem)

# Prints:
# line 3, column 5 (amount_eur): write euros as 123, 123.45 or 123,45, without sign
# line 4, column 3 (kind): write one of REPORTED, CHANGED, PAID, PLAN_AGREED, PLAN_BROKEN, WITHDRAWN
