# List every number that differs between two policies, for the council's decision.
set -eu
policies=$(python -c 'import eropaf.risk.policies as p; print(*p.__path__)')
sed -e 's/^version = .*/version = "our-town-1"/' -e 's/^breadth = 15/breadth = 20/' -e 's/"working"$/"calendar"/' \
    -e 's/^months_cap = 6/months_cap = 4/' "$policies/amsterdam-example.toml" > our-town.toml
eropaf policy diff amsterdam-example our-town.toml

# Prints:
# version: amsterdam-example-3 -> our-town-1
# weights.months_cap: 6 -> 4
# weights.breadth: 15 -> 20
# deadlines.threatening_days_are: working -> calendar
