"""Signals on who is registered in another municipality, sent on to it (Awb art. 2:3)."""
