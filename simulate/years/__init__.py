"""Ten years of a city's arrears: households, creditors and outreach, month by month, as arrays."""
