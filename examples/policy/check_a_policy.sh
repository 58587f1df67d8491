# Check a policy before it holds: every fault is named by its setting.
policies=$(python -c 'import eropaf.risk.policies as p; print(*p.__path__)')
eropaf policy check amsterdam-example
sed -e 's/^growth = 5/growth = "five"/' -e 's/^first_talk_days = 28/first_talk_days = 0/' \
    "$policies/amsterdam-example.toml" > faulty.toml
eropaf policy check faulty.toml 2>&1
echo "exit status $?"

# Prints:
# amsterdam-example-3 is valid
# the policy is not valid:
# weights.growth: Input should be a valid integer
# deadlines.first_talk_days: Input should be greater than 0
# exit status 1
