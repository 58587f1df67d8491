"""Check whether a process on this machine is alive: `python -m eropaf.healthy PORT PATH` (0: yes, 1: no).

Run by the image's health check. Connects directly: a proxy in the environment is for other machines.
"""

from __future__ import annotations

import http.client
import sys

HEALTH_TOLD_WITHIN_S = 2.0


def healthy(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Return whether the server on `port` answers `path` with 200."""
    connection = http.client.HTTPConnection(host, port, timeout=HEALTH_TOLD_WITHIN_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy(int(sys.argv[1]), sys.argv[2]) else 1)
