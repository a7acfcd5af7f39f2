"""Agency adapters: native files and messages in, signed contract events out."""
