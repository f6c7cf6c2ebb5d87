"""The code with which somebody without a user follows a case: derived from a key, stored nowhere.

Sixteen characters of Crockford's Base32 are 80 bits. The alphabet has no I, L, O or U, so that what is read from paper
or heard on the phone is typed right; a code is read leniently and compared in constant time.
"""

import hashlib
import hmac
import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_GROUP = 4
_ALIKE = str.maketrans("OIL", "011")


def derive(key: str, uuid: str, revision: int) -> str:
    """The code of a case, in groups of four characters.

    :param key: the secret of the database.
    :param revision: raising it revokes the codes before.
    """
    mac = hmac.new(key.encode(), f"sig_pqrs/tracking/{uuid}/{revision}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(mac[:10])  # 80 bits
    code = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def normalize(code: str) -> str:
    """The code as a person typed it: in capitals, without separators, letters that look like digits as digits."""
    return re.sub(r"[\W_]", "", code[:100].upper()).translate(_ALIKE)


def matches(key: str, uuid: str, revision: int, code: str) -> bool:
    """Whether ``code`` is that of the case, in the same time for any of its length."""
    return hmac.compare_digest(normalize(derive(key, uuid, revision)).encode(), normalize(code).encode())
