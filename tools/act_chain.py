"""A chain of digests over the acts of one case.

Each act holds the SHA-256 of its predecessor and of its own content. Text about people enters the content only as a
salted commitment, so that erasing text and salt leaves the chain valid. Whoever kept the head of a chain (it is
printed on the acknowledgement and on the answer) can prove an edit, insertion, deletion, reorder or truncation
without any secret.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

GENESIS = "0" * 64

#: what an act's digest is taken of, besides its predecessor's
CONTENT = ("case", "number", "kind", "date", "user", "days", "data", "note_commitment")


def commit(text: str, salt: str) -> str:
    """Hexadecimal SHA-256 that binds to ``text`` without telling it; empty for no text."""
    return hashlib.sha256(f"{salt}\x00{text}".encode()).hexdigest() if text else ""


def digest(previous: str, content: Mapping) -> str:
    """Hexadecimal SHA-256 of one act.

    :param previous: digest of the act before, `GENESIS` for the first.
    :param content: JSON-serializable values of the keys of `CONTENT`.
    """
    ordered = {key: content[key] for key in CONTENT}
    canonical = json.dumps(ordered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def verify(
    acts: Iterable[Mapping], witness: tuple[int, str] | None = None, after: tuple[int, str] | None = None
) -> list[tuple[int, str]]:
    """Faults of the chain of one case, in the order in which they are met.

    :param acts: mappings with the keys of `CONTENT`, ``previous_digest`` and ``digest``; ``note`` and ``note_salt``
        when the text has not been erased. In the order in which they are stored. Of one that is ``sealed`` the content
        is not all told, and only its place in the chain is verified.
    :param witness: number and digest of an act as somebody outside noted them.
    :param after: number and digest of the act before the first of ``acts``, verified earlier.
    :return: pairs of an act's number and the fault: ``reordered``, ``gap``, ``broken_link``, ``altered``,
        ``note_altered``, or for the witness ``truncated`` and ``witness_mismatch``.
    """
    faults = []
    number, previous = after or (0, GENESIS)
    expected = number + 1
    seen = {number: previous} if after else {}
    for act in acts:
        number = act["number"]
        if number != expected:
            faults.append((number, "reordered" if number < expected else "gap"))
        if act["previous_digest"] != previous:
            faults.append((number, "broken_link"))
        if not act.get("sealed") and digest(act["previous_digest"], act) != act["digest"]:
            faults.append((number, "altered"))
        if act.get("note") and commit(act["note"], act.get("note_salt") or "") != act["note_commitment"]:
            faults.append((number, "note_altered"))
        seen[number] = previous = act["digest"]
        expected = number + 1
    if witness:
        number, head = witness
        if number not in seen:
            faults.append((number, "truncated"))
        elif seen[number] != head:
            faults.append((number, "witness_mismatch"))
    return faults
