"""Tables of people as files: read cell by cell, laid beside the directory, stored as a whole."""
