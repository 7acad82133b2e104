"""The API: a face of the same services and queries as the pages; holds no rule."""
