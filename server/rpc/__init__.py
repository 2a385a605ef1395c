"""What happens around every call, whichever listener it came in by."""
