"""How much time and memory a mail may cost core's parser and sanitizer.

They need minutes for some mails of a few kilobytes, and nothing interrupts the C code in them. So a process of its own
does first what core will do, and the system ends it when it goes beyond its bounds. Run as a script, this file is that
process: it reads the content from its input and says by its exit status whether it came to the end.
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
#: seconds of the processor for the trial, and more for each megabyte; core takes up to thrice what the trial takes
MAX_SECONDS = 1.0
MEGABYTE_SECONDS = 0.04
#: bytes of memory for the trial: so many, and so many times the size of the content
MAX_MEMORY = 128 * 1024**2
MAX_MEMORY_TIMES = 12
#: characters of the body that core makes of all parts
MAX_BODY = 2_000_000
#: exit status of a trial that went beyond, and could say so
BEYOND = 3
#: parts of which core makes files, and headers of one
MAX_PARTS = 1000


def is_bearable(content: bytes, kind: str = "mail") -> bool:
    """Whether core can read a raw mail, or clean what somebody wrote as ``html``, within the bounds."""
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
    """The body that core makes of a mail; what core does with the other parts is done too."""
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
    """What core does with a body until it is a message."""
    _check(len(body) <= MAX_BODY)
    if body.strip():
        html_sanitize(body, silent=False, sanitize_attributes=True, sanitize_style=True)
        html2plaintext(body)
        is_html_empty(body)


def _check(is_within):
    if not is_within:
        raise MemoryError


def _try(kind):
    """
    :raises Exception: when it costs too much memory; the system ends the process when it costs too much time.
    """
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
    # what these cost counts for nothing
    from odoo.tools.mail import append_content_to_html, html2plaintext, html_sanitize, is_html_empty

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        _try(sys.argv[1])
    except Exception:
        sys.exit(BEYOND)
