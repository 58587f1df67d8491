# Ask how it stands, in a script: JSON in a pipe, and exit status 3 where a person is needed.
# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
eropaf status > status.json
echo "exit status $?"
python -c 'import json; now = json.load(open("status.json")); print(*sorted(now), sep="\n")'

# Prints:
# exit status 3
# bootstrap
# clock_told
# group
# needs_a_person
# policy
# rejected_open
# stages
# version
# workers
