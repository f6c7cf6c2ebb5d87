"""What mail servers wrote of the sender of a mail: the header Authentication-Results (RFC 8601). Nothing is raised."""

import re
from typing import NamedTuple

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
_COMMENT = re.compile(r"\([^()]*+\)")
_METHOD = re.compile(r"\s*([a-z][a-z-]*+)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"(?<!\S)([a-z-]+\.[a-z-]+)\s*=\s*(\S+)", re.IGNORECASE)

#: comments in comments that are followed
MAX_COMMENTS = 8

#: properties in which each method says whose domain it looked at
_DOMAINS = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


class Finding(NamedTuple):
    """One method that a server tried, its result, and the domains of which it holds."""

    method: str
    result: str
    domains: tuple[str, ...]

    def is_of(self, domain: str) -> bool:
        """Whether it holds of the domain, of one above it or of one below it."""
        return any(
            domain == own or domain.endswith(f".{own}") or own.endswith(f".{domain}") for own in self.domains if own
        )


class Results(NamedTuple):
    """What one server wrote; its name is empty when it did not say it."""

    server: str
    findings: list[Finding]


def without_quotes(text: str) -> str:
    """A raw header without what it quotes and its comments, in which anybody writes anything."""
    text = _QUOTED.sub(" ", text)
    for _depth in range(MAX_COMMENTS):
        text, found = _COMMENT.subn(" ", text)
        if not found:
            break
    return text


def read(value: str) -> Results:
    first, *parts = without_quotes(value).split(";")
    words = first.split()
    server = "" if not words or "=" in words[0] else words[0].lower().rstrip(".")
    findings = []
    for part in parts if server else [first, *parts]:
        if match := _METHOD.match(part):
            method, said = match[1].lower(), dict(_PROPERTY.findall(part.lower()))
            domains = (said.get(name, "").rpartition("@")[2].rstrip(".") for name in _DOMAINS.get(method, ()))
            findings.append(Finding(method, match[2].lower(), tuple(filter(None, domains))))
    return Results(server, findings)
