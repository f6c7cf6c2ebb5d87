"""What is kept for good as JSON, and the digest by which a change of it is told."""

import hashlib
import json


def as_kept(content):
    """A copy of the content, as it is read again once it was kept: keys are texts, tuples are lists."""
    return json.loads(json.dumps(content))


def digest(content) -> str:
    """Hexadecimal SHA-256 of the content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
