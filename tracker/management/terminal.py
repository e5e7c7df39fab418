def printable(words: str) -> str:
    """Return words of the database or of a file with ? for what moves the cursor, hides or turns round others."""
    return "".join(letter if letter.isprintable() else "?" for letter in words)
