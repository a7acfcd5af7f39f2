"""The published language: what agencies, the exchange and recipients say to one another."""
