# See what a number does before it holds: rank one file by two policies, and compare.
set -eu
cat > signals.csv <<'CSV'
signal_id,contract,kind,partner_type,amount_eur,monthly_bill_eur,reported_at,version,postcode,house_number
S-1,C-1,REPORTED,RENT,1100.00,550.00,2026-03-02,1,1011 AB,7
S-2,C-2,REPORTED,ENERGY,600.00,150.00,2026-03-02,1,1012 CD,19
CSV
policies=$(python -c 'import eropaf.risk.policies as p; print(*p.__path__)')
sed -e 's/^version = .*/version = "energy-first-1"/' -e '/^\[partners.ENERGY\]/,/^$/ s/^points_per_month = .*/points_per_month = 25/' \
    "$policies/amsterdam-example.toml" > energy-first.toml
for policy in amsterdam-example energy-first.toml; do
  eropaf rank signals.csv --policy "$policy" --overwrite > ranked.log 2>&1
  echo "$policy: $(cut -d, -f1,11,12 signals-ranked.csv | tail -2 | tr '\n' ' ')"
done

# Prints:
# amsterdam-example: S-2,1,MEDIUM S-1,2,MEDIUM 
# energy-first.toml: S-2,1,URGENT S-1,2,MEDIUM 
