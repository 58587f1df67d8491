"""The board's pages, one file each."""
