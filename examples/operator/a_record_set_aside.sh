# Find a record that was set aside, look why, and close it once its sender has sent a better one.
# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
set -eu
cat > broken.py <<'PY'
import os, time
from confluent_kafka import Producer
producer = Producer({"bootstrap.servers": os.environ["EROPAF_BOOTSTRAP"]})
producer.produce("arrears.other", key=b"C-9", value=b"no Avro at all", partition=0)
producer.flush()
PY
python broken.py
until eropaf rejected list --topic arrears.other > waiting.json && [ -s waiting.json ]; do sleep 0.2; done
id=$(python -c 'import json; print(json.load(open("waiting.json"))["id"])')
python -c 'import json; found = json.load(open("waiting.json")); print(found["reason"], found["stage"], found["bytes"])'
eropaf rejected close "$id" --why "its sender has sent a better one" | sed "s/$id/it/"
eropaf replay --topic arrears.other

# Prints:
# wrong-magic intake 14
# it is closed
# 0 records to send again
