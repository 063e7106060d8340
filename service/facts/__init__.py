"""What is known: intake, ledger, brief."""
