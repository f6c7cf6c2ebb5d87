"""Bounds of time and memory for core's parser and sanitizer, which need minutes for some mails of a few kilobytes.

Nothing interrupts their C code, so a child process does first what core will do, and the system kills it beyond its
bounds. Run as a script, this file is that process: content on stdin, result in the exit status.
"""

import email
import logging
import signal
import subprocess
import sys
from email import policy

_logger = logging.getLogger(__name__)

#: bytes that cost less than a second, whatever they are
SMALL = 2048
#: seconds of processor for the trial, and for each megabyte more; core takes up to three times as long
MAX_SECONDS = 1.0
MEGABYTE_SECONDS = 0.04
#: bytes of memory for the trial, and times the size of the content
MAX_MEMORY = 128 * 1024**2
MAX_MEMORY_TIMES = 12
#: characters of the body
MAX_BODY = 2_000_000
#: exit status of a trial beyond its bounds
BEYOND = 3
#: parts of a mail, and headers of a part
MAX_PARTS = 1000


def is_bearable(content: bytes, kind: str = "mail") -> bool:
    """Whether core can read a raw ``mail``, or sanitize ``html``, within the bounds."""
    if len(content) <= SMALL:
        return True
    command = [sys.executable or "python3", "-I", __file__, kind, *filter(None, sys.path)]
    try:
        trial = subprocess.run(command, input=content, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        _logger.exception("Mail waits unread: it cannot be tried in a process of its own")
        return False
    if trial.returncode in (0, BEYOND) or trial.returncode < 0:
        return not trial.returncode
    _logger.error("Mail waits unread: it cannot be tried in a process of its own: %s", trial.stderr.decode()[-500:])
    return False


def _read_mail(raw):
    body = ""
    message = email.message_from_bytes(raw, policy=policy.SMTP)
    for index, part in enumerate(message.walk()):
        headers = part.items()
        _check(index < MAX_PARTS and len(headers) < MAX_PARTS)
        if part.get_content_maintype() == "multipart":
            continue
        if part.get_content_type() == "message/rfc822":
            part.get_content().as_bytes()
            continue
        try:
            content = part.get_content()
        except (LookupError, ValueError):  # core stops here
            continue
        is_annex = part.get_filename() or part.get("content-disposition", "").strip().startswith("attachment")
        if is_annex and part is not message:
            continue
        if part.get_content_type() == "text/plain":
            body = append_content_to_html(body, content, preserve=True)
        elif part.get_content_type() == "text/html":
            body = append_content_to_html(body, content, plaintext=False)
            _check(len(body) <= MAX_BODY)
            body = html_sanitize(body, silent=False, sanitize_tags=False, strip_classes=True)
    return body


def _clean(body):
    _check(len(body) <= MAX_BODY)
    if body.strip():
        html_sanitize(body, silent=False, sanitize_attributes=True, sanitize_style=True)
        html2plaintext(body)
        is_html_empty(body)


def _check(is_within):
    if not is_within:
        raise MemoryError


def _try(kind):
    """:raises Exception: beyond the memory; beyond the time, the system kills the process."""
    content = sys.stdin.buffer.read()
    with open("/proc/self/statm", encoding="ascii") as statm:
        memory = int(statm.read().split()[0]) * resource.getpagesize()
    memory += MAX_MEMORY + MAX_MEMORY_TIMES * len(content)
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        memory = min(memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
    # the signal ends the process, in C code too
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS + MEGABYTE_SECONDS * len(content) / 1024**2)
    _clean(_read_mail(content) if kind == "mail" else content.decode())


if __name__ == "__main__":
    import resource

    sys.path[:] = sys.argv[2:]
    # before the limits are set
    from odoo.tools.mail import append_content_to_html, html2plaintext, html_sanitize, is_html_empty

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        _try(sys.argv[1])
    except Exception:
        sys.exit(BEYOND)
