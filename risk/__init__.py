"""The rules: who is offered help first, and why. Pure: no I/O, no clock, no randomness.

Dates are numbers of days and instants numbers of milliseconds since 1970 UTC; amounts are cents of
euros; scores are hundredths of a point; arrears are hundredths of a month's bill.

From a signal to what outreach is told there are three steps, each called by the agent of its name, with a
record on a topic in between: `intake.take_in` (lawful? of which household?); `household.fold` (one event onto
a household's row: `signalled.signalled` and `positions.with_position` for what a creditor last said, then
`_assessed`, which asks `score.assess` for the points); `ranking.rank` (band, date, and whether that is told).
Beside these stand what else befalls a household (`found`, `people`,
`objections`, `erasures`, `ageing`) and what is said of it (`feedback`, `explanation`, `plain_words`).
"""
