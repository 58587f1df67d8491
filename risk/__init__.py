"""The rules: who is offered help first, and why. Pure: no I/O, no clock, no randomness.

Dates are numbers of days and instants numbers of milliseconds since 1970 UTC; amounts are cents of
euros; scores are hundredths of a point; arrears are hundredths of a month's bill.
"""
