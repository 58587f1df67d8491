# Rank a creditor's file without Kafka: the same columns back, with rank, band and date, never why.
set -eu
cat > signals.csv <<'CSV'
signal_id,contract,kind,partner_type,amount_eur,monthly_bill_eur,reported_at,version,crisis,crisis_on,postcode,house_number
S-1,C-1,REPORTED,WATER,40.00,25.00,2026-03-02,1,,,1014 GH,21
S-2,C-2,REPORTED,RENT,1920.00,640.00,2026-03-02,1,,,1012 CD,19
S-3,C-3,REPORTED,RENT,1650.00,550.00,2026-03-02,1,EVICTION,2026-03-27,1011 AB,7
CSV
eropaf rank signals.csv 2>&1
cut -d, -f1,13- signals-ranked.csv

# Prints:
# writing ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 3/3 0:00:00
# read as commas, point decimals, UTF-8: 3 rows
# signals-ranked.csv: 3 signals under amsterdam-example-3: 1 urgent, 0 high, 1 medium, 0 low, 1 none
#   1 not on the list: too-little
# signal_id,rank,band,respond_by,area
# S-3,1,URGENT,2026-03-05,1011
# S-2,2,MEDIUM,2026-03-30,1012
# S-1,,NONE,,1014
