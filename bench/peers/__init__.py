"""The same job on other engines, one folder each; every folder's README says how and with what promise."""
