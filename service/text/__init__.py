"""Chinese text: numerals, quantities, units, punctuation, counting; knows nothing of plans."""
