"""What stands on every answer: which version of the contract it is, and what a client must not do with it."""

from __future__ import annotations

# Of the contract, not of the product: what a caller's program is written against.
API_VERSION = "1.0.0"
HEADERS = {
    "API-Version": API_VERSION,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
