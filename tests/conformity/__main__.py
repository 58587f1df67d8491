"""Writes which clause of which standard is proven by which test: `make conformity`."""

from tests.conformity.pages import PAGES

for path, made in PAGES.items():
    path.write_text(made(), encoding="utf-8")
