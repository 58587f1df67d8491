# Meet a wrong setting: the command says which, and what may stand there; nothing is started.
EROPAF_WORKERS=none eropaf run 2>&1
echo "exit status $?"

# Prints:
# EROPAF_WORKERS: Input should be a valid integer, unable to parse string as an integer
# exit status 1
