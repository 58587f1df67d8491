"""What creditors and outreach tools use: publish arrears, subscribe to priority updates."""

import logging

__version__ = "0.2.0"

# A library does not log by itself: its user chooses where the log goes.
logging.getLogger("eropaf_client").addHandler(logging.NullHandler())
