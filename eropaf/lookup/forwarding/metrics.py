"""What is measured of signals that are forwarded. No label is of a person or a creditor."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from eropaf.serving.listening import own_registry

FORWARDING_MEASURES = own_registry()

TRIES = Counter(
    "eropaf_forwarding_tries",
    "Tries to forward a signal to another municipality, by result: `told`, `refused` (this one), `away`.",
    ["result"],
    registry=FORWARDING_MEASURES,
)
WAITING = Gauge(
    "eropaf_forwarding_waiting",
    "Signals on who is registered in a municipality of the file that it does not have yet.",
    registry=FORWARDING_MEASURES,
)
OLDEST = Gauge(
    "eropaf_forwarding_oldest_waiting_timestamp_seconds",
    "When the oldest of them was stored; 0 where there is none.",
    registry=FORWARDING_MEASURES,
)
REFUSED = Gauge(
    "eropaf_forwarding_refused",
    "Signals that another municipality refused, or whose record is gone: `eropaf forwarding list`; a clerk "
    "decides in the tray.",
    registry=FORWARDING_MEASURES,
)
