"""A chain of digests over the acts of one case.

Each act holds the SHA-256 of its predecessor and of its own content. Text about people enters the content only as a
salted commitment, so that erasing text and salt leaves the chain valid. Whoever has the head of a chain, as printed on
acknowledgements and answers, can prove an edit, insertion, deletion, reorder or truncation without any secret.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

GENESIS = "0" * 64

#: keys of the content that is digested
CONTENT = ("case", "number", "kind", "date", "user", "days", "data", "note_commitment")

#: kinds of acts that a petitioner takes, or causes at once
PETITIONER_KINDS = frozenset(
    ("received", "client_message", "information_delivered", "withdrawn", "claim_unmarked", "calendar_change", "rated")
)

#: kinds of acts that always tell their user: no petitioner takes them
NEVER_SEALED = frozenset(("response_sent", "closed"))


class Excuses(NamedTuple):
    """Numbers of the acts that may lack their user or note, with the number of the first later act that says so."""

    users: dict[int, int]
    notes: dict[int, int]


def commit(text: str, salt: str) -> str:
    """Hexadecimal SHA-256 of text and salt; empty for no text."""
    return hashlib.sha256(f"{salt}\x00{text}".encode()).hexdigest() if text else ""


def digest(previous: str, content: Mapping) -> str:
    """Hexadecimal SHA-256 of one act, after the digest of the one before (`GENESIS`)."""
    ordered = {key: content[key] for key in CONTENT}
    canonical = json.dumps(ordered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def find_excuses(acts: Sequence[Mapping]) -> Excuses:
    """Which acts of a chain may lack their user or their text.

    A later act, chained and not sealed, says so. ``anonymized`` covers all texts before it, and the users of the acts
    that it names (``sealed``). ``identity_reserved`` covers the texts (``notes``) and users (``sealed``) of the acts
    that it names; those of old versions name none, and cover all texts, and the users of `PETITIONER_KINDS`.
    """
    excuses = Excuses({}, {})
    users, notes = {}, {}  # by number of the act that is named
    any_petitioner = any_note = None
    for act in reversed(acts):
        number, kind = act["number"], act["kind"]
        by = [users.get(number), any_petitioner if kind in PETITIONER_KINDS else None]
        if kind not in NEVER_SEALED and any(by):
            excuses.users[number] = min(filter(None, by))
        if by := [by for by in (notes.get(number), any_note) if by]:
            excuses.notes[number] = min(by)
        if act.get("sealed") or kind not in ("anonymized", "identity_reserved"):
            continue
        data = _read_data(act)
        if kind == "anonymized":
            any_note = number
            users.update(dict.fromkeys(_get_numbers(data, "sealed"), number))
        elif "sealed" in data:
            users.update(dict.fromkeys(_get_numbers(data, "sealed"), number))
            notes.update(dict.fromkeys(_get_numbers(data, "notes"), number))
        else:
            any_petitioner = any_note = number
    return excuses


def _read_data(act):
    try:
        data = json.loads(act["data"] or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _get_numbers(data, name):
    numbers = data.get(name)
    return [number for number in numbers if isinstance(number, int)] if isinstance(numbers, list) else []


def verify(acts: Iterable[Mapping], *witnesses: tuple[int, str] | None) -> list[tuple[int, str]]:
    """Faults of the chain of one case, in order.

    :param acts: mappings in stored order, with the keys of `CONTENT`, ``previous_digest`` and ``digest``; ``note`` and
        ``note_salt`` unless they were erased. Those that are ``sealed`` lack their user, for a reason of
        `find_excuses`, and only their place in the chain is verified.
    :param witnesses: numbers and digests of acts that were noted inside or outside.
    :return: pairs of an act's number and the fault: ``reordered``, ``gap``, ``broken_link``, ``altered``,
        ``false_seal``, ``note_altered``, ``note_missing``, or for a witness ``truncated`` and ``witness_mismatch``.
    """
    faults = []
    acts = list(acts)
    excuses = find_excuses(acts)
    previous, expected, seen = GENESIS, 1, {}
    for act in acts:
        number = act["number"]
        if number != expected:
            faults.append((number, "reordered" if number < expected else "gap"))
        if act["previous_digest"] != previous:
            faults.append((number, "broken_link"))
        if act.get("sealed"):
            if number not in excuses.users:
                faults.append((number, "false_seal"))
        elif digest(act["previous_digest"], act) != act["digest"]:
            faults.append((number, "altered"))
        if act.get("note"):
            if commit(act["note"], act.get("note_salt") or "") != act["note_commitment"]:
                faults.append((number, "note_altered"))
        elif act["note_commitment"] and number not in excuses.notes:
            faults.append((number, "note_missing"))
        seen[number] = previous = act["digest"]
        expected = number + 1
    for number, head in dict.fromkeys(filter(None, witnesses)):
        if number not in seen:
            faults.append((number, "truncated"))
        elif seen[number] != head:
            faults.append((number, "witness_mismatch"))
    return faults
