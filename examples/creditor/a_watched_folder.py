"""Put files into a folder instead of writing a program: each is published once, with a receipt beside it."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
import time
from pathlib import Path

from eropaf_client.files.watched_folder import SETTLED_S, WatchedFolder

HEADER = "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
folder = Path("to-the-municipality")
folder.mkdir()
(folder / "march.csv").write_text(HEADER + "filed-1,filed,REPORTED,RENT,1100.00,2026-03-02,1,1021 AE,1\n")
(folder / "april.csv").write_text(HEADER + "filed-2,filed,REPORTED,RENT,minus,2026-04-02,2,1021 AE,1\n")

with WatchedFolder(folder, os.environ["EROPAF_BOOTSTRAP"], "rent") as watched:
    watched.look()  # sees the files, and waits until they no longer change
    time.sleep(SETTLED_S)
    for answered in watched.look():
        print(f"{answered.file.parent.name}/{answered.file.name}: {answered.stored} stored")
        print(answered.receipt.read_text().splitlines()[-1])

# Prints:
# refused/april.csv: 0 stored
# file,,refused,nothing was sent; mend what is named above and send the whole file again
# accepted/march.csv: 1 stored
# file,,note,"read as commas, point decimals, UTF-8: 1 row"
