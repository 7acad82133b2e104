"""What other programs are told of what happens here: signed, in order, until they have it."""
