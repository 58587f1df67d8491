# Ask which policy holds, since when, and whether the settings name the same.
# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
set -eu
eropaf policy show

# Prints:
# {"holds": "amsterdam-example-3", "since": null, "settings_name": "amsterdam-example-3", "differs": false}
