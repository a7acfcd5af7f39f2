"""What every adapter shares: the outcome of reading, the spool, signing, quarantine."""
