"""Writers: what turns a section's task into text."""
