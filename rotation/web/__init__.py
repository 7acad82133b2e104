"""The pages: a face of the same services and queries as the API; holds no rule."""
