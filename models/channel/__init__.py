"""How cases come in: pages, HERA users, mail, API, tracking, import, limits."""
