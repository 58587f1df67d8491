"""What all that serves HTTP has in common: a server, issuers of tokens, what is measured."""
