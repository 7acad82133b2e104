"""Tables and figures for pages, API and exports; reads only."""
