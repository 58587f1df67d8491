"""What Eropaf runs on. Knows nothing of arrears and imports none of our other packages."""
