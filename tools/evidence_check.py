"""Verifies evidence packs (see `evidence`) without a secret.

Values noted outside prove changes of a pack together with its manifest: the digest of the manifest proves all of it;
heads of chains, which mails, letters and daily exports have, prove the acts up to them and the files that those bind.

Standard library only: `verify_evidence` runs it anywhere.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

if __package__:
    from . import act_chain, evidence, strict_zip
else:  # run as a command, beside them
    import act_chain
    import evidence
    import strict_zip

#: bytes of manifests, acts and messages, which are read at once
MAX_JSON = 256 * 2**20

#: reasons of omissions in packs of before version 19.0.1.5.0, which list no acts
_PARTIAL = {"files": {"files", "identity"}, **{kind: {"messages", "identity"} for kind in evidence.BOUND_TEXTS}}

#: errors of content with other types than those of a pack
MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError)

_HEAD = re.compile(r"^(?P<case>\S+)[\s:]+(?P<number>\d{1,9})[\s:]+(?P<digest>[0-9a-fA-F]{64})$")


class Fault(NamedTuple):
    """``where`` is a member or the name of a case; ``act`` the number of an act, or 0."""

    code: str
    where: str
    act: int = 0


@dataclass
class Verdict:
    """Result of a verification.

    ``faults`` are alterations, ``notes`` declared omissions; ``gaps`` are omissions that only the pack declares, in a
    case of which a head was given.
    """

    faults: list[Fault] = field(default_factory=list)
    gaps: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    members: int = 0
    cases: dict[str, int] = field(default_factory=dict)  # number of acts verified of each case
    heads: int = 0  # given heads that were compared
    proven: dict[str, int] = field(default_factory=dict)  # number of the last act that a head proves, by case
    bound: list[str] = field(default_factory=list)  # members that those acts identify
    digest: str = ""
    trusted: bool = False  # the manifest has the given digest

    @property
    def holds(self) -> bool:
        return not self.faults


def read_heads(text: str) -> dict[str, list[tuple[int, str]]]:
    """Heads by case, from lines with the name of a case, the number of an act and its digest; ignores other lines."""
    heads = {}
    for line in text.splitlines():
        if found := _HEAD.match(line.strip()):
            heads.setdefault(found["case"], []).append((int(found["number"]), found["digest"].lower()))
    return heads


def verify(file: BinaryIO, heads: Mapping[str, list[tuple[int, str]]] | None = None, digest: str = "") -> Verdict:
    """Verify a pack by heads (see `read_heads`) and the digest of its manifest, noted outside."""
    verdict = Verdict()
    try:
        pack = strict_zip.StrictZip(file)
        if evidence.MANIFEST in pack.entries:
            _verify_pack(pack, verdict, heads or {}, digest.strip().lower())
        else:
            verdict.faults.append(Fault("no_manifest", evidence.MANIFEST))
    except strict_zip.ContainerError as error:
        verdict.faults.append(Fault(error.code, error.where))
    except OSError:
        verdict.faults.append(Fault("unreadable", ""))
    except MALFORMED:
        verdict.faults.append(Fault("manifest_altered", evidence.MANIFEST))
    return verdict


def _verify_pack(pack, verdict, heads, digest):
    manifest = _read_json(pack, evidence.MANIFEST)
    verdict.digest = evidence.manifest_digest(manifest)
    verdict.trusted = digest == verdict.digest
    listed = {entry["path"]: entry for entry in manifest["members"]}
    altered = verdict.digest != manifest["digest"] or (digest and not verdict.trusted)
    if altered or manifest["format"] != evidence.FORMAT or len(listed) < len(manifest["members"]):
        verdict.faults.append(Fault("manifest_altered", evidence.MANIFEST))
    found = [name for name in pack.entries if name != evidence.MANIFEST]
    verdict.faults += [Fault("added", name) for name in found if name not in listed]
    verdict.faults += [Fault("missing", path) for path in listed if path not in pack.entries]
    if [name for name in found if name in listed] != [path for path in listed if path in pack.entries]:
        verdict.faults.append(Fault("reordered", evidence.MANIFEST))
    checksums, sha256 = {}, {}
    for path, entry in listed.items():
        if path in pack.entries:
            verdict.members += 1
            checksums[path], sha256[path] = _verify_member(pack, entry, verdict)
    for case in manifest["cases"]:
        noted = heads.get(case["name"], [])
        _verify_case(pack, case, checksums, sha256, verdict, noted)
        verdict.heads += len(noted)


def _once(pairs):
    """Refuse repeated names: programs do not agree on which value they have."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError
    return values


def _read_json(pack, path):
    content = bytearray()
    try:
        for chunk in pack.read_member(path):
            content += chunk
            if len(content) > MAX_JSON:
                return None
        return json.loads(content, object_pairs_hook=_once)
    except (KeyError, RecursionError, ValueError):
        return None


def _verify_member(pack, entry, verdict):
    """Compare a member with its entry; return its SHA-1, by which acts bind files, and its SHA-256."""
    sha256, sha1, size = hashlib.sha256(), hashlib.sha1(usedforsecurity=False), 0
    try:
        for chunk in pack.read_member(entry["path"]):
            sha256.update(chunk)
            sha1.update(chunk)
            size += len(chunk)
            if size > entry["size"]:
                break
    except strict_zip.ContainerError:
        size = -1
    if (size, sha256.hexdigest()) != (entry["size"], entry["sha256"]):
        verdict.faults.append(Fault("altered", entry["path"]))
    return sha1.hexdigest(), sha256.hexdigest()


def _verify_case(pack, case, checksums, sha256, verdict, heads):
    chain = _read_json(pack, case["acts"]) if case["acts"] in checksums else None
    if not isinstance(chain, dict) or not isinstance(chain.get("acts"), list):
        verdict.faults.append(Fault("no_acts", case["name"]))
        return
    name, acts = case["name"], chain["acts"]
    try:
        number, digest = case["head"]
        faults = act_chain.verify(acts, (number, digest), *heads)
        faults += [(act["number"], "other_case") for act in acts if act["case"] != chain.get("case")]
        if acts and acts[-1]["number"] > number:
            faults.append((acts[-1]["number"], "beyond_head"))
        policy = OmissionPolicy(verdict, case, _get_proven(acts, heads))
        if policy.proven:
            verdict.proven[name] = policy.proven
        _note_excuses(acts, policy)
        _verify_bound_files(acts, checksums, policy)
        _verify_kept(acts, _read_kept(pack, case, chain, sha256), policy)
        if policy.proven and policy.proven < acts[-1]["number"] and not verdict.trusted:
            verdict.notes.append(Fault("after_head", name, policy.proven))
        verdict.notes += [Fault(f"left_out_{kind}", name) for kind in case.get("left_out", [])]
    except MALFORMED:
        verdict.faults.append(Fault("no_acts", name))
        return
    verdict.faults += [Fault(code, name, number) for number, code in faults]
    verdict.cases[name] = len(acts)


def _get_proven(acts, heads) -> int:
    digests = {act["number"]: act["digest"] for act in acts}
    return max((number for number, head in heads if digests.get(number) == head), default=0)


@dataclass
class OmissionPolicy:
    """Omissions of a case that the manifest or an act declares.

    If a head of the case was given, and the digest of the manifest was not, the declaring act must be proven by it.
    """

    verdict: Verdict
    case: Mapping
    proven: int

    def accept(self, code: str, number: int, by: float = math.inf) -> None:
        """Note an omission of an act, declared by another or (infinite) by the manifest."""
        known = self.verdict.trusted or not self.proven or by <= self.proven
        (self.verdict.notes if known else self.verdict.gaps).append(Fault(code, self.case["name"], number))

    def omits(self, kind: str, number: int) -> bool:
        """Whether the manifest declares that files or messages (``kind``) of an act are omitted."""
        if "omitted" in self.case:
            return number in self.case["omitted"]
        return not _PARTIAL[kind].isdisjoint(self.case.get("left_out", ()))

    def bind(self, member: str, number: int) -> None:
        if number <= self.proven and member not in self.verdict.bound:
            self.verdict.bound.append(member)


def _note_excuses(acts, policy):
    """Note acts without user, and acts that removed texts."""
    excuses = act_chain.find_excuses(acts)
    erasing = set()
    for act in acts:
        number = act["number"]
        if act.get("sealed") and number in excuses.users:
            policy.accept("sealed", number, excuses.users[number])
        if act["note_commitment"] and not act.get("note") and number in excuses.notes:
            erasing.add(excuses.notes[number])
    for number in sorted(erasing):
        policy.accept("erased_texts", number, number)


def _verify_bound_files(acts, checksums, policy):
    """Files that acts bind by SHA-1 are in the pack, or declared as erased or omitted."""
    erased = {}
    for act in acts:
        for checksum in _get_data(act).get("erased", ()) if act["kind"] == "anonymized" else ():
            erased.setdefault(checksum, act["number"])
    folder = f"{policy.case['folder']}/"
    held = {checksum: path for path, checksum in checksums.items() if path.startswith(folder)}
    for act in acts:
        number = act["number"]
        for checksum in get_checksums(_get_data(act)):
            if checksum in held:
                policy.bind(held[checksum], number)
            elif checksum in erased:
                policy.accept("erased_file", number, erased[checksum])
            elif policy.omits("files", number):
                policy.accept("bound_file", number)
            else:
                policy.verdict.faults.append(Fault("bound_file", policy.case["name"], number))


class _Kept(NamedTuple):
    """Place of a file or message in the pack, and the commitment to its content."""

    where: str
    commitment: str


def _read_kept(pack, case, chain, sha256) -> dict[tuple[str, int], _Kept]:
    texts = {}
    for kind in evidence.BOUND_TEXTS:
        path = chain.get(kind)
        for text in (_read_json(pack, path) if path in sha256 else None) or ():
            # Repeated ids are none of them valid.
            texts[kind, text["id"]] = {} if (kind, text["id"]) in texts else text
    kept = {}
    for proof in chain.get("kept") or ():
        kind, number, where = proof["kind"], proof["id"], proof.get("path")
        is_file = where in sha256 and where.startswith(f"{case['folder']}/")
        if kind == "files" and is_file:
            content = sha256[where]
        elif kind == "names" and is_file:
            # A name that differs from that of the member is not valid.
            content = proof["name"] if evidence.is_path_of(where, proof["name"]) else ""
        elif (kind, number) in texts:
            where, content = f"{chain[kind]} #{number}", evidence.message_content(texts[kind, number])
        else:
            continue
        kept[kind, number] = _Kept(where, act_chain.commit(content, proof["salt"]))
    return kept


def _verify_kept(acts, kept, policy):
    """Files and messages that acts commit to are in the pack and unaltered, or declared as erased or omitted; so are
    names of files, to which acts of old versions do not commit.
    """
    faults = policy.verdict.faults
    erased = max((act["number"] for act in acts if act["kind"] == "anonymized" and not act.get("sealed")), default=0)
    for act in acts:
        number, data, missing = act["number"], _get_data(act), set()
        for id_, commitment in evidence.get_bound(data, "names"):
            # A missing file is told once, below.
            file, name = kept.get(("files", id_)), kept.get(("names", id_))
            if file and (not name or (name.where, name.commitment) != (file.where, commitment)):
                faults.append(Fault("kept_renamed", file.where, number))
        for kind in (*evidence.BOUND_TEXTS, "files"):
            for id_, commitment in evidence.get_bound(data, kind):
                found = kept.get((kind, id_))
                if found is None:
                    missing.add(kind)
                elif found.commitment != commitment:
                    faults.append(Fault("kept_altered", found.where, number))
                else:
                    policy.bind(found.where, number)
        later = number > policy.proven  # no head proves it
        if missing and number < erased:
            policy.accept("kept_erased", number, 0 if later else erased)
        elif missing and all(policy.omits(kind, number) for kind in missing):
            policy.accept("kept_left_out", number, 0 if later else math.inf)
        elif missing:
            faults.append(Fault("kept_missing", policy.case["name"], number))


def _get_data(act) -> dict:
    return json.loads(act["data"] or "{}") if not act.get("sealed") else {}


def get_checksums(data: Mapping) -> list[str]:
    """SHA-1 of the files that the data of an act bind."""
    return [checksum for checksum in (data.get("letter"), *data.get("proof", ())) if checksum]
