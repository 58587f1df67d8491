"""The real plumbing, agents and rules on a clock, a scheduler and a broker that follow from a seed.

`worker` is one worker in the model, `strikes` what befalls it, `city` what creditors send, `run` one schedule
from its beginning to the oracle's verdict, `__main__` many of them.
"""
