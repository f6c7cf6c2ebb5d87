"""ZIP files that can be read in one way alone: what `evidence.PackWriter` writes, and nothing else.

Programs do not agree on a ZIP with bytes around its entries, extra fields, comments, headers that contradict each
other, or two entries of one name: each shows something else. Here an entry begins where the one before ends, the local
header says what the directory says, and every byte of the file has its place.

Standard library alone: `verify_evidence` runs it anywhere.
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64 = struct.Struct("<4sLQL")
#: of a local header: both sizes
EXTRA_64 = struct.Struct("<2H2Q")

#: what fields of 16 and 32 bits hold when the value is in a record of ZIP64
MAX_16, MAX_32 = 0xFFFF, 0xFFFFFFFF

#: bytes of the directory that are held
MAX_DIRECTORY = 64 * 2**20

DEFLATED = 8
UTF_8 = 0x800
#: made on Unix
UNIX = 3 << 8
#: version of what reads an entry, and of what reads one with records of ZIP64
PLAIN, ZIP_64 = 20, 45
#: an ordinary file that its owner may write
MODE = 0o644 << 16

#: what some system takes for something else than a part of a name
_RESERVED = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')

_CHUNK = 2**18


class ContainerError(ValueError):
    """A file that is no such ZIP.

    ``code`` is ``unreadable`` (no ZIP, or cut off), ``foreign_bytes`` (``where`` is their position), ``odd_header``,
    ``odd_name``, ``duplicated`` or ``altered`` (``where`` is the member, or the record at the end of the file).
    """

    def __init__(self, code: str, where: object = ""):
        super().__init__(code, where)
        self.code = code
        self.where = str(where)


class Entry(NamedTuple):
    """Where the compressed content of a member begins, and what the headers say of it."""

    start: int
    compressed: int
    size: int
    crc: int


class StrictZip:
    """The members of a ZIP, in the order in which they lie in it.

    :param file: open for reading, at any position.
    :raises ContainerError: for a file that can be read in another way too.
    """

    def __init__(self, file: BinaryIO):
        self._file = file
        self._size = file.seek(0, 2)
        self.entries: dict[str, Entry] = {}
        count, start, length, end = self._read_end()
        directory = self._read(start, length)
        position, offset = 0, 0
        for _number in range(count):
            fields, name, extra, position = self._read_central(directory, position)
            offset = self._add(fields, name, extra, offset)
        if position != length:
            raise ContainerError("foreign_bytes", start + position)
        if offset != start:
            raise ContainerError("foreign_bytes", min(offset, start))
        if start + length != end:
            raise ContainerError("foreign_bytes", start + length)
        self._check_names()

    def read_member(self, name: str) -> Iterator[bytes]:
        """Yield the content of a member, a chunk at a time.

        :raises ContainerError: at its end, when its compressed bytes are not those of its content alone.
        """
        entry = self.entries[name]
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        position, end = entry.start, entry.start + entry.compressed
        pending, crc, size = b"", 0, 0
        while not inflater.eof:
            if not pending:
                pending = self._read(position, min(end - position, _CHUNK))
                position += len(pending)
            try:
                chunk = inflater.decompress(pending, _CHUNK)
            except zlib.error as error:
                raise ContainerError("altered", name) from error
            pending = inflater.unconsumed_tail
            if not chunk and not pending and position == end:
                break
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            yield chunk
        if not inflater.eof or position < end or inflater.unused_data or (size, crc) != (entry.size, entry.crc):
            raise ContainerError("altered", name)

    # -- Its parts --------------------------------------------------------------------------------------------------

    def _read(self, position, length):
        if position < 0 or position + length > self._size:
            raise ContainerError("unreadable")
        self._file.seek(position)
        content = self._file.read(length)
        if len(content) != length:
            raise ContainerError("unreadable")
        return content

    def _read_end(self):
        """``(entries, start and length of the directory, where it has to end)``, as the end of the file says."""
        end = self._size - END.size
        record = self._read(end, END.size)
        if not record.startswith(b"PK\5\6") or record[-2:] != b"\0\0":
            raise self._find_end()
        _mark, disk, first, here, count, length, start, _comment = END.unpack(record)
        said = (disk, first, here, count, length, start)
        if end >= LOCATOR_64.size + END_64.size:
            locator = self._read(end - LOCATOR_64.size, LOCATOR_64.size)
            if locator.startswith(b"PK\6\7"):
                return self._read_end_64(said, locator, end - LOCATOR_64.size - END_64.size)
        if (disk, first) != (0, 0) or here != count or count == MAX_16 or MAX_32 in (length, start):
            raise ContainerError("odd_header", f"PK\\5\\6 @ {end}")
        return self._check_end(count, start, length, end)

    def _read_end_64(self, said, locator, end):
        """What the records of ZIP64 say, which the others repeat as far as they can."""
        record = self._read(end, END_64.size)
        mark, length_64, made_by, needed, disk, first, here, count, length, start = END_64.unpack(record)
        repeated = (0, 0, min(count, MAX_16), min(count, MAX_16), min(length, MAX_32), min(start, MAX_32))
        if (
            (mark, length_64, made_by, needed, disk, first) != (b"PK\6\6", END_64.size - 12, 45, 45, 0, 0)
            or here != count
            or said != repeated
            or LOCATOR_64.unpack(locator) != (b"PK\6\7", 0, end, 1)
        ):
            raise ContainerError("odd_header", f"PK\\6\\6 @ {end}")
        return self._check_end(count, start, length, end)

    def _check_end(self, count, start, length, end):
        if start + length > end:
            raise ContainerError("unreadable")
        if start + length < end and length and self._read(end - length, 4) == b"PK\1\2":
            # The directory is not where the file says, as when another file was put before this one.
            raise ContainerError("foreign_bytes", 0)
        if length > MAX_DIRECTORY:
            raise ContainerError("unreadable")
        return count, start, length, end

    def _find_end(self):
        """What is wrong with a file that does not end as it should: bytes after it, or no end at all."""
        start = max(0, self._size - END.size - MAX_16 - _CHUNK)
        tail = self._read(start, self._size - start)
        found = tail.rfind(b"PK\5\6")
        if found < 0 or found + END.size > len(tail):
            return ContainerError("unreadable")
        return ContainerError("foreign_bytes", start + found + END.size)

    def _read_central(self, directory, position):
        """``(fields, name, extra, position after it)`` of an entry of the directory."""
        try:
            fields = CENTRAL.unpack_from(directory, position)
        except struct.error as error:
            raise ContainerError("unreadable") from error
        position += CENTRAL.size
        name_length, extra_length, comment_length = fields[10:13]
        name = directory[position : position + name_length]
        extra = directory[position + name_length : position + name_length + extra_length]
        if fields[0] != b"PK\1\2" or len(name) != name_length or len(extra) != extra_length:
            raise ContainerError("unreadable")
        if comment_length:
            raise ContainerError("odd_header", _decode(name))
        return fields, name, extra, position + name_length + extra_length

    def _add(self, fields, raw_name, extra, offset):
        """Keep an entry whose local header, at ``offset``, says the same.

        :return: where the next one begins.
        """
        _mark, made_by, needed, flags, method, time, day, crc, compressed, size, *_lengths = fields[:13]
        disk, internal, mode, said_offset = fields[13:]
        name = _decode(raw_name)
        compressed, size, said_offset = self._read_extra(name, extra, compressed, size, said_offset)
        if said_offset != offset:
            raise ContainerError("foreign_bytes", min(offset, said_offset))
        *_fields, local_size, _name_length, has_extra = LOCAL.unpack(self._read(offset, LOCAL.size))
        is_long = local_size == MAX_32
        version = ZIP_64 if is_long or extra else PLAIN
        expected = (UNIX | version, version, 0 if raw_name.isascii() else UTF_8, DEFLATED, 0, 0, MODE)
        if (made_by, needed, flags, method, disk, internal, mode) != expected:
            raise ContainerError("odd_header", name)
        # Python up to 3.11.3 wrote the extra field beside the sizes, not in their place.
        local_extra = EXTRA_64.pack(1, EXTRA_64.size - 4, size, compressed) if has_extra else b""
        if (not is_long and max(compressed, size) >= MAX_32) or (is_long and not has_extra):
            raise ContainerError("odd_header", name)
        header = LOCAL.pack(
            *(b"PK\3\4", ZIP_64 if is_long else PLAIN, flags, method, time, day, crc),
            *((MAX_32, MAX_32) if is_long else (compressed, size)),
            *(len(raw_name), len(local_extra)),
        )
        header += raw_name + local_extra
        if self._read(offset, len(header)) != header:
            raise ContainerError("odd_header", name)
        if name in self.entries:
            raise ContainerError("duplicated", name)
        start = offset + len(header)
        self.entries[name] = Entry(start, compressed, size, crc)
        return start + compressed

    def _read_extra(self, name, extra, compressed, size, offset):
        """Sizes and position of an entry: those that need it are in a record of ZIP64, as `zipfile` writes it."""
        values = []
        if MAX_32 in (compressed, size):
            values += [size, compressed]
        if offset == MAX_32:
            values.append(offset)
        expected = struct.pack("<2H", 1, 8 * len(values)) if values else b""
        if len(extra) != len(expected) + 8 * len(values) or not extra.startswith(expected):
            raise ContainerError("odd_header", name)
        found = list(struct.unpack(f"<{len(values)}Q", extra[len(expected) :]))
        if len(values) > 1 and (compressed, size) != (MAX_32, MAX_32):
            raise ContainerError("odd_header", name)
        if len(values) > 1:
            size, compressed, *found = found
        return compressed, size, found[0] if found else offset

    def _check_names(self):
        """Refuse names that some system unpacks elsewhere, over another member, or not at all."""
        folded = {}
        for name in self.entries:
            parts = name.split("/")
            if _RESERVED.search(name) or any(not part or part != part.strip(" .") for part in parts):
                raise ContainerError("odd_name", name)
            key = unicodedata.normalize("NFC", name).casefold()
            if key in folded:
                raise ContainerError("duplicated", name)
            folded[key] = name
        for key, name in folded.items():
            if any(key[:position] in folded for position, char in enumerate(key) if char == "/"):
                raise ContainerError("odd_name", name)


def _decode(raw_name):
    try:
        return raw_name.decode()
    except UnicodeDecodeError as error:
        raise ContainerError("odd_name", raw_name.decode(errors="replace")) from error
