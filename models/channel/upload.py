import hashlib
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from ...tools import clean_text, file_kind, photo

MAX_FILES = 10
MAX_FILE_MB = 10
MAX_TOTAL_MB = 30
MAX_NAME = 120
_MB = 1024 * 1024


class Upload(NamedTuple):
    """``content`` of a file that is too large is cut just above the limit."""

    name: str
    content: bytes

    @property
    def checksum(self):
        return hashlib.sha256(self.content).hexdigest()


class SigUpload(models.AbstractModel):
    """Reads and checks files from outside by their first bytes; none is opened."""

    _name = "sig.upload"
    _description = "Files from Outside"

    def _read_uploads(self, storages):
        """:param storages: of werkzeug; rewound, because a retried request reads them again."""
        uploads = []
        for storage in storages or ():
            if not getattr(storage, "filename", None):
                continue  # a field without a file
            room = MAX_FILE_MB * _MB + 1 if len(uploads) <= MAX_FILES else 1
            storage.stream.seek(0)
            uploads.append(Upload(self._clean_name(storage.filename), storage.stream.read(room)))
        return uploads

    def _clean_name(self, name):
        name = clean_text.line(name.replace("\\", "/").rpartition("/")[2])
        stem, point, extension = name.rpartition(".")
        if len(name) > MAX_NAME and point and len(extension) <= 10:
            return f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}"
        return name[:MAX_NAME] or self.env._("file")

    def _get_rules(self):
        return {
            "files": MAX_FILES,
            "file_mb": MAX_FILE_MB,
            "total_mb": MAX_TOTAL_MB,
            "kinds": file_kind.extensions(),
            "texts": self._get_texts(),
        }

    def _get_texts(self):
        """Texts by problem, with ``%s`` for the name of a file."""
        return {
            "many": self.env._("At most %s files. Send the others with a message later.", MAX_FILES),
            "total": self.env._("All files together may have at most %s MB.", MAX_TOTAL_MB),
            "large": self.env._("“%(name)s” is too large: at most %(limit)s MB.", name="%s", limit=MAX_FILE_MB),
            "empty": self.env._("“%s” is empty."),
            "markup": self.env._("“%s” is a web page or drawing that could run programs. Send it as PDF or image."),
            "disguised": self.env._("“%s” is not what its name says. Check the file, or send it as PDF."),
            "refused": self.env._("Files like “%s” are not accepted. Send PDF, images, office files, audio or video."),
        }

    def _check_uploads(self, uploads):
        errors = []
        if len(uploads) > MAX_FILES:
            errors.append(self._get_texts()["many"])
        elif sum(len(upload.content) for upload in uploads) > MAX_TOTAL_MB * _MB:
            errors.append(self._get_texts()["total"])
        return [*errors, *filter(None, map(self._check_upload, uploads[:MAX_FILES]))]

    def _check_upload(self, upload):
        is_large = len(upload.content) > MAX_FILE_MB * _MB
        problem = "large" if is_large else file_kind.inspect(upload.name, upload.content).problem
        return problem and self._get_texts()[problem] % upload.name

    def _prepare_attachments(self, uploads, anonymous=False):
        """Values of attachments of checked files, with the checked type; ``anonymous``, without metadata of photos."""
        if anonymous:
            uploads = [Upload(upload.name, photo.without_metadata(upload.content)) for upload in uploads]
        self._wait_for_same_files(uploads)
        kinds = [file_kind.inspect(upload.name, upload.content) for upload in uploads]
        return [
            {"name": kind.name, "raw": upload.content, "mimetype": kind.mimetype}
            for kind, upload in zip(kinds, uploads, strict=True)
        ]

    def _wait_for_same_files(self, uploads):
        """Core takes for a collision a file of the same content that another transaction is still writing."""
        if uploads:
            checksums = [upload.checksum for upload in uploads]
            self.env.cr.execute(
                SQL(
                    "SELECT pg_advisory_xact_lock(key) FROM"
                    " (SELECT DISTINCT hashtextextended(unnest(%s), 0) AS key ORDER BY key) AS keys",
                    checksums,
                )
            )
