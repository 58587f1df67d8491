"""What Eropaf runs on. Knows nothing about arrears and imports none of our other packages."""
