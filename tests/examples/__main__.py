"""Write `examples/README.md`: `make examples`."""

from __future__ import annotations

from tests.examples.shelf import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
