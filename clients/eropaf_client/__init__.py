"""What creditors and outreach tools use: publish arrears, subscribe to priority updates."""

import logging

__version__ = "0.2.0"

# A library says nothing by itself: who uses it chooses where its log goes.
logging.getLogger("eropaf_client").addHandler(logging.NullHandler())
