"""Content stored for good as JSON, and the digest that proves it."""

import hashlib
import json


def as_json(content):
    """The content as it is read back: keys and dates are strings, tuples are lists."""
    return json.loads(json.dumps(content, default=str))


def digest(content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
