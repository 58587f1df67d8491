# Forget a household on a resident's request: out of every table and list at once; a trace stays.
# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
set -eu
cat > signals.csv <<'CSV'
signal_id,contract,kind,partner_type,amount_eur,monthly_bill_eur,reported_at,version,postcode,house_number
forgotten-1,forgotten,REPORTED,RENT,1100.00,550.00,2026-03-02,1,1041 AA,1
CSV
updates() { eropaf watch --area 1041 --until-caught-up | grep -c '"MEDIUM"' || true; }
eropaf publish signals.csv --creditor rent
until [ "$(updates)" = 1 ]; do sleep 0.2; done
eropaf resident erase "1041 AA 1"

# Prints:
# 1 signal stored: 1 of rent
# the household is forgotten
