"""Reads ZIP files as `evidence.PackWriter` writes them, and refuses all others.

Programs do not agree on a ZIP with bytes around its entries, extra fields, comments, contradictory headers or repeated
names. So the headers are written again from what was read, and every byte outside of contents must be equal.

Standard library only: `verify_evidence` runs it anywhere.
"""

import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

#: values of fields of 16 and 32 bits whose value is in a ZIP64 record, and the limit from which `zipfile` uses one
MAX_16, MAX_32, LIMIT = 0xFFFF, 0xFFFFFFFF, 2**31 - 1

#: made on Unix; a regular file
UNIX, MODE = 3, 0o644 << 16

#: sizes of a local header, as (ZIP64 marks, ZIP64 field): without ZIP64; as in packs of before version 19.0.1.5.0; and
#: as in those packs written by Python up to 3.11.3
LOCAL_FORMS = ((False, False), (True, True), (False, True))

#: characters that some system does not take for part of a name
_RESERVED = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')
#: names of Windows devices, with any extension
DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)

_CHUNK = 2**18


class ContainerError(ValueError):
    """``code`` is ``unreadable`` (no ZIP, or cut off), ``foreign_bytes`` (``where`` is their position), ``odd_header``,
    ``odd_name``, ``duplicated`` or ``altered`` (``where`` is the member).
    """

    def __init__(self, code: str, where: object = ""):
        super().__init__(code, where)
        self.code = code
        self.where = str(where)


class StrictZip:
    """The members of a ZIP, in their order.

    :raises ContainerError: for a file that is not as `evidence.PackWriter` writes it.
    """

    def __init__(self, file: BinaryIO):
        self._file = file
        self.entries: dict[str, zipfile.ZipInfo] = {}
        self._starts: dict[str, int] = {}
        try:
            with zipfile.ZipFile(file) as archive:
                infos, start = archive.infolist(), archive.start_dir
        except UnicodeDecodeError as error:
            raise ContainerError("odd_name", error.object.decode(errors="replace")) from error
        except (zipfile.BadZipFile, NotImplementedError, OSError, OverflowError, ValueError, struct.error) as error:
            raise ContainerError("unreadable") from error
        position, directory = 0, []
        for info in infos:
            if info.orig_filename in self.entries:
                raise ContainerError("duplicated", info.orig_filename)
            self.entries[info.orig_filename] = info
            is_long, position = self._check_local(info, position)
            directory.append((info, _write_central(info, is_long)))
        if position != start:
            raise ContainerError("foreign_bytes", min(position, start))
        for info, header in directory:
            if self._read(position, len(header)) != header:
                raise ContainerError("odd_header", info.orig_filename)
            position += len(header)
        self._check_end(start, position, len(infos))
        self._check_names()

    def read_member(self, name: str) -> Iterator[bytes]:
        """Yield the content of a member in chunks.

        :raises ContainerError: at its end, if its compressed bytes are not exactly those of its content.
        """
        info = self.entries[name]
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        position = self._starts[name]
        end = position + info.compress_size
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
        if not inflater.eof or position < end or inflater.unused_data or (size, crc) != (info.file_size, info.CRC):
            raise ContainerError("altered", name)

    def _read(self, position, length):
        self._file.seek(position)
        return self._file.read(length)

    def _check_local(self, info, position):
        """Compare a local header, which begins at a position; return whether it has ZIP64 marks, and the end of the
        entry.
        """
        if info.header_offset != position:
            raise ContainerError("foreign_bytes", min(position, info.header_offset))
        for is_long, has_extra in LOCAL_FORMS:
            header = _write_local(info, is_long, has_extra)
            if self._read(position, len(header)) == header:
                self._starts[info.orig_filename] = position + len(header)
                return is_long, position + len(header) + info.compress_size
        raise ContainerError("odd_header", info.orig_filename)

    def _check_end(self, start, end, count):
        """Compare the records after the directory."""
        length, expected = end - start, b""
        if count > MAX_16 or max(start, length) > LIMIT:
            expected += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
            expected += struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
        counts = (min(count, MAX_16), min(count, MAX_16), min(length, MAX_32), min(start, MAX_32))
        expected += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *counts, 0)
        found = self._read(end, len(expected) + 1)
        if found != expected:
            same = os.path.commonprefix([found, expected])  # noqa: RUF071  # of bytes, on purpose
            raise ContainerError("foreign_bytes", end + len(same))

    def _check_names(self):
        """Refuse names that some system unpacks elsewhere, over another member, or not at all."""
        folded = {}
        for name in self.entries:
            parts = name.split("/")
            odd = any(not part or part != part.strip(" .") or DEVICE.match(part) for part in parts)
            if odd or _RESERVED.search(name):
                raise ContainerError("odd_name", name)
            key = unicodedata.normalize("NFC", name).casefold()
            if key in folded:
                raise ContainerError("duplicated", name)
            folded[key] = name
        for key, name in folded.items():
            if any(key[:position] in folded for position, char in enumerate(key) if char == "/"):
                raise ContainerError("odd_name", name)


def _write_fields(info, version, compressed, size):
    """The common fields of local header and directory."""
    year, month, day, hour, minute, second = info.date_time
    flags = 0 if info.orig_filename.isascii() else 0x800  # names are in UTF-8
    date, time = (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
    return struct.pack("<5H3L", version, flags, zipfile.ZIP_DEFLATED, time, date, info.CRC, compressed, size)


def _write_local(info, is_long, has_extra):
    """A local header as `zipfile` writes it."""
    name, extra = info.orig_filename.encode(errors="replace"), b""
    sizes = (info.compress_size, info.file_size)
    if has_extra:
        extra = struct.pack("<2H2Q", 1, 16, info.file_size, info.compress_size)
    if is_long:
        sizes = (MAX_32, MAX_32)
    version = zipfile.ZIP64_VERSION if is_long else zipfile.DEFAULT_VERSION
    return b"PK\3\4" + _write_fields(info, version, *sizes) + struct.pack("<2H", len(name), len(extra)) + name + extra


def _write_central(info, is_long):
    """An entry of the directory as `zipfile` writes it."""
    name, extra = info.orig_filename.encode(errors="replace"), []
    compressed, size, offset = info.compress_size, info.file_size, info.header_offset
    if max(compressed, size) > LIMIT:
        extra += [size, compressed]
        compressed = size = MAX_32
    if offset > LIMIT:
        extra.append(offset)
        offset = MAX_32
    field = struct.pack(f"<2H{len(extra)}Q", 1, 8 * len(extra), *extra) if extra else b""
    version = zipfile.ZIP64_VERSION if is_long or extra else zipfile.DEFAULT_VERSION
    header = b"PK\1\2" + struct.pack("<H", UNIX << 8 | version) + _write_fields(info, version, compressed, size)
    return header + struct.pack("<5H2L", len(name), len(field), 0, 0, 0, MODE, offset) + name + field
