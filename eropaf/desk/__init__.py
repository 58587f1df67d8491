"""The desk: what is held of a resident or household, and every deed on it, each with a trace.

In this order it reads best: `whom.py` (of whom), `held.py` (what is held), `opening.py` (after which trace),
`deeds.py` (what can be done), `at_the_desk.py` (where it is done), `service.py` (the desk itself).
"""
