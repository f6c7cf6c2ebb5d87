"""Writes evidence packs: files of cases in a ZIP whose manifest proves them; `evidence_check` verifies them.

The manifest lists the members in order, with size and SHA-256, and holds its own digest. A pack has the chained acts of
each case (see `act_chain`); some bind files by their SHA-1.

Standard library only: `verify_evidence` runs it anywhere.
"""

import hashlib
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

if __package__:
    from . import strict_zip
else:  # run as a command, beside it
    import strict_zip

FORMAT = "sig_pqrs evidence pack 1"
MANIFEST = "manifest.json"

#: programs of this folder of which a pack has a copy
VERIFIER = ("verify_evidence.py", "evidence_check.py", "evidence.py", "strict_zip.py", "act_chain.py")
VERIFIER_FOLDER = "verificador"

#: keys of a message or communication that acts bind
MESSAGE = ("id", "date", "from", "by_petitioner", "subject", "body")

#: what the data of acts bind, as pairs of an id and a commitment; ``messages`` are those of before communications
BOUND_TEXTS = ("messages", "communications")
BOUND = ("files", "names", *BOUND_TEXTS)


def _canonical(values: Mapping) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def get_bound(data: Mapping, kind: str) -> list[tuple[int, str]]:
    """Ids and commitments that the data of an act bind.

    :param kind: of `BOUND`. Acts that erased personal data hold other values under these names.
    """
    pairs = data.get(kind)
    pairs = pairs if isinstance(pairs, list) else ()
    return [tuple(pair) for pair in pairs if isinstance(pair, list) and [type(part) for part in pair] == [int, str]]


def message_content(values: Mapping) -> str:
    """The text that acts commit to, of the values of `MESSAGE`."""
    return _canonical(values).decode()


def manifest_digest(manifest: Mapping) -> str:
    """Hexadecimal SHA-256 of a manifest without its digest."""
    return hashlib.sha256(_canonical({key: value for key, value in manifest.items() if key != "digest"})).hexdigest()


def safe_name(name: str, length: int = 80) -> str:
    """A file name that any system can unpack: no folders, control or reserved characters."""
    name = unicodedata.normalize("NFC", str(name or ""))
    name = "".join(
        "_"
        if char in '<>:"/\\|?*' or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        else char
        for char in name
    )
    name = re.sub(r"\s+", " ", name).strip(" .")
    name = f"_{name}" if strict_zip.DEVICE.match(name) else name
    if len(name.encode()) > length:
        stem, dot, extension = name.rpartition(".")
        extension = f".{extension}" if dot and stem and len(extension.encode()) <= 10 else ""
        stem = (stem if extension else name).encode()[: length - len(extension.encode())]
        name = stem.decode(errors="ignore").strip(" .") + extension
    return name or "_"


def free_path(path: str, taken: set[str]) -> str:
    """The path, with a number if it is ``taken`` in any case; adds it to them."""
    folder, slash, name = path.rpartition("/")
    stem, extension = _split_name(name)
    candidate, count = path, 1
    while candidate.casefold() in taken:
        count += 1
        candidate = f"{folder}{slash}{stem} ({count}){extension}"
    taken.add(candidate.casefold())
    return candidate


def _split_name(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    return (stem, dot + extension) if stem else (name, "")


def is_path_of(path: str, name: str) -> bool:
    """Whether a path of `free_path` is that of a file with that name."""
    stem, extension = map(re.escape, _split_name(safe_name(name)))
    return bool(re.fullmatch(rf"{stem}( \(\d+\))?{extension}", path.rpartition("/")[2]))


class PackWriter:
    """Context manager that writes a pack in chunks, as `strict_zip` reads it.

    :param file: open for writing.
    :param about: JSON-serializable values of the manifest.
    :param moment: naive local date of the members.
    """

    def __init__(self, file: BinaryIO, about: Mapping, moment: datetime):
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._date = max(moment, datetime(1980, 1, 1)).timetuple()[:6]
        self._taken = {MANIFEST}
        self.manifest = {"format": FORMAT, **about, "members": [], "cases": []}

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._zip.close()

    def add(self, path: str, chunks: Iterable[bytes]) -> str:
        """Add a member; return its path, with a number if it was taken."""
        path = free_path(path, self._taken)
        sha256, size = hashlib.sha256(), 0
        with self._zip.open(self._info(path), "w") as member:
            for chunk in chunks:
                member.write(chunk)
                sha256.update(chunk)
                size += len(chunk)
        self.manifest["members"].append({"path": path, "size": size, "sha256": sha256.hexdigest()})
        return path

    def add_verifier(self) -> None:
        """Add a copy of the verifier. Whoever forges a pack can forge it too."""
        for name in VERIFIER:
            self.add(f"{VERIFIER_FOLDER}/{name}", [Path(__file__).with_name(name).read_bytes()])

    def add_case(self, name: str, folder: str, chain: Mapping, **about) -> None:
        """Add the acts of a case.

        :param folder: of the members of the case.
        :param chain: ``case`` (uuid), ``head`` (number and digest), ``acts`` (see `act_chain.verify`) and more.
        :param about: other values of the case in the manifest.
        """
        path = self.add(
            f"{folder}/actuaciones.json",
            [json.dumps({"name": name, **chain}, indent=1, ensure_ascii=False, sort_keys=True).encode()],
        )
        self.manifest["cases"].append({"name": name, "folder": folder, "acts": path, "head": chain["head"], **about})

    def close(self) -> str:
        self.manifest["digest"] = manifest_digest(self.manifest)
        with self._zip.open(self._info(MANIFEST), "w") as member:
            member.write(json.dumps(self.manifest, indent=1, ensure_ascii=False, sort_keys=True).encode())
        self._zip.close()
        return self.manifest["digest"]

    def _info(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self._date)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.create_system = strict_zip.UNIX
        info.external_attr = strict_zip.MODE
        return info
