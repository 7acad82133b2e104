"""How fast, how safe and how large the product is, beside bare peers in the same run."""
