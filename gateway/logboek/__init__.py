"""The processing log (Logboek Dataverwerkingen): a line for each thing done with a household's data."""
