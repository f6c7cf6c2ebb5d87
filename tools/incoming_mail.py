"""One mail as it came, read leniently: whatever is broken in it, something is read and nothing is raised.

The work grows with the length of the mail, never with its square: patterns start at one place of a run, and what is
longer or deeper than people and their programs write is cut.

It says what the mail claims; which claims are believed is for who reads it. Headers below those of our own servers are
written by strangers.
"""

import hashlib
import re
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice

from . import mail_authentication
from .mail_body import POLICY, Annex, MailBody, get_content, get_param
from .mail_text import ADDRESS, Address, decode_words, lower, split_addresses, unfold

#: headers of one name that are read
MAX_HEADERS = 200

#: headers of programs that answer by themselves, older than RFC 3834 or deaf to it
_AUTOMATIC_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
    "X-Vacation",
)
_AUTOMATIC_SUBJECT = re.compile(
    r"(respuesta autom[aá]tica|contestaci[oó]n autom[aá]tica|auto(matic)?[ -]?reply|out of (the )?office"
    r"|fuera de (la )?oficina|ausencia de la oficina)\s*(:|$)",
    re.IGNORECASE,
)
_FORWARDED_FROM = re.compile(
    r"^[>\t\xa0 *_]*+(?:De|From)[\t\xa0 ]{0,20}:[\s*_]{0,20}(.{3,300})$", re.IGNORECASE | re.MULTILINE
)
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_RECEIVED_BY = re.compile(r"\bby\s+([\w.:\[\]-]+)", re.IGNORECASE)


class IncomingMail:
    """A raw mail. Its headers are read at once, the rest only when asked for.

    :param bytes raw: as the server delivered it.
    """

    def __init__(self, raw: bytes):
        self.raw = raw
        self._headers = BytesHeaderParser(policy=POLICY).parsebytes(raw)

    # -- Headers ----------------------------------------------------------------------------------------------------

    @cached_property
    def _raw_headers(self):
        found = {}
        for key, value in self._headers.raw_items():
            values = found.setdefault(key.lower(), [])
            if len(values) < MAX_HEADERS:
                values.append(str(value))
        return found

    def _get_raw_all(self, name):
        return [unfold(value) for value in self._raw_headers.get(name.lower(), ())]

    def get_all(self, name: str) -> list[str]:
        """The values of a header, as people read them."""
        return [decode_words(value) for value in self._get_raw_all(name)]

    def _get_addresses(self, *names):
        return [address for name in names for value in self._get_raw_all(name) for address in split_addresses(value)]

    def get(self, name: str) -> str:
        return next(iter(self.get_all(name)), "")

    @cached_property
    def subject(self):
        return self.get("Subject")

    @cached_property
    def message_id(self):
        return self.get("Message-Id").strip()

    @cached_property
    def original_ids(self) -> list[str]:
        """Message-Ids that the mail had before a relay gave it another."""
        names = ("X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID", "X-Original-Message-ID")
        return [id_ for name in names for value in self.get_all(name) for id_ in _MESSAGE_ID.findall(value)]

    @cached_property
    def references(self) -> list[str]:
        """Message-Ids of what the mail answers, the nearest first."""
        older = _MESSAGE_ID.findall(" ".join(self.get_all("References")))
        return list(dict.fromkeys([*_MESSAGE_ID.findall(self.get("In-Reply-To")), *reversed(older)]))[:32]

    @cached_property
    def author(self) -> Address:
        """Whom the mail says it is from; empty when it says nobody."""
        return next(iter(self._get_addresses("From")), Address("", ""))

    @cached_property
    def has_plain_author(self) -> bool:
        """Whether it says in one way only whom it is from: no two programs read another address in it."""
        values = self._get_raw_all("From")
        bare = mail_authentication.without_quotes(values[0]) if len(values) == 1 else ""
        found = ADDRESS.findall(bare)
        return (
            {lower(address) for address in found} == {self.author.mailbox}
            and bare.count("@") == len(found)
            and not any(sign in bare for sign in '"()')
        )

    @cached_property
    def original_authors(self) -> list[Address]:
        """Who may have written what a group, a form or a helpdesk sends under its own address, the likeliest first.

        Any sender writes them: they say something in a mail that an address of ours sent.
        """
        return list(dict.fromkeys(self._get_addresses("X-Original-From", "X-Original-Sender", "Reply-To", "From")))

    @cached_property
    def recipients(self) -> set[str]:
        """Addresses to which the mail was sent or delivered."""
        names = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "To", "Cc", "Resent-To", "Resent-Cc")
        return {address.mailbox for address in self._get_addresses(*names)}

    def get_received_on(self, trusted=()) -> datetime | None:
        """When our mail system took the mail in, naive UTC; None when no header of ours says so.

        Servers write their header above those that were there. The topmost one of a trusted server is thus its own,
        whatever a sender wrote below. Without names of ours, or with names that do not occur, the topmost is taken.

        :param trusted: names of servers, or domains of theirs.
        """
        lines = self.get_all("Received")
        ours = [line for line in lines if self._is_by(line, trusted)] if trusted else []
        line = next(iter(ours or lines), "")
        try:
            moment = parsedate_to_datetime(line.rpartition(";")[2].strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if moment.tzinfo:
            try:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
            except OverflowError:
                return None
        return moment.replace(microsecond=0)

    def _is_by(self, line, trusted):
        match = _RECEIVED_BY.search(line)
        return self._is_one_of(match[1].lower().rstrip(".") if match else "", trusted)

    def _is_one_of(self, host, trusted):
        return any(host == name or host.endswith(f".{name}") for name in trusted)

    # -- What kind of mail it is ------------------------------------------------------------------------------------

    @cached_property
    def content_type(self):
        return self._headers.get_content_type()

    @property
    def is_report(self) -> bool:
        """Whether a mail system writes about another mail: returned, delayed, delivered or displayed."""
        return (
            self.content_type in ("multipart/report", "message/disposition-notification", "message/delivery-status")
            or self.author.mailbox.partition("@")[0] == "mailer-daemon"
            or bool(self.get("X-Failed-Recipients"))
        )

    @cached_property
    def reported_actions(self) -> set[str]:
        """What a delivery report says became of the mail: ``failed delayed delivered relayed expanded displayed``."""
        actions = set()
        for part in self.body.parts:
            if part.get_content_type() == "message/delivery-status":
                for block in part.get_payload() if part.is_multipart() else ():
                    if action := block.get("Action"):
                        actions.add(str(action).split(";")[0].strip().lower())
            elif part.get_content_type() == "message/disposition-notification":
                actions.add("displayed")
        return actions

    @property
    def reports_failure(self) -> bool:
        """Whether a report says that a mail did not arrive: so do those that say nothing a program can read."""
        return not self.reported_actions or "failed" in self.reported_actions

    @cached_property
    def reported_ids(self) -> list[str]:
        """Message-Ids of the mail that a report is about."""
        found = []
        for part in self.body.parts:
            if part is self.body.message:
                continue
            kind = part.get_content_type()
            if kind == "text/rfc822-headers":
                found += _MESSAGE_ID.findall(IncomingMail(get_content(part)).message_id)
            if kind == "message/disposition-notification":
                text = str(part.get_payload())
                for line in re.findall(r"Original-Message-ID:.*", text, re.IGNORECASE)[:32]:
                    found += _MESSAGE_ID.findall(unfold(line))
            found += _MESSAGE_ID.findall(unfold(str(part.get("Message-Id") or "")))
        return list(dict.fromkeys([*found, *self.references]))[:32]

    def is_automatic(self, own_list=False) -> bool:
        """Whether nobody wrote it: RFC 3834, and what programs do that do not keep to it.

        :param bool own_list: it came through a list of ours, which marks all that it distributes.
        """
        submitted = self.get("Auto-Submitted").split(";")[0].strip().lower() or "no"
        return (
            submitted != "no"
            or any(self.get(name) for name in _AUTOMATIC_HEADERS)
            or self._precedence == "auto_reply"
            or (not own_list and self._precedence in ("bulk", "junk") and bool(self.get("List-Unsubscribe")))
            or self.get("Return-Path").strip() == "<>"
            or self._answers_invitation()
        )

    def seems_automatic(self, own_list=False) -> bool:
        """Whether it looks as what a program writes, which a person may have written too.

        :param bool own_list: it came through a list of ours, which marks all that it distributes.
        """
        return bool(_AUTOMATIC_SUBJECT.match(self.subject.strip())) or (
            not own_list and self._precedence in ("bulk", "junk")
        )

    @property
    def _precedence(self):
        return self.get("Precedence").strip().lower()

    def _answers_invitation(self):
        return any(
            part.get_content_type() == "text/calendar"
            and str(get_param(part, "method") or "").upper() in ("REPLY", "COUNTER")
            for part in self.body.parts
        )

    @property
    def is_of_list(self) -> bool:
        """Whether a list distributed the mail."""
        return bool(self.get("List-Id") or self.get("List-Post")) or self._precedence == "list"

    def is_of_list_in(self, domains) -> bool:
        """Whether the list that it says to come through has its name in one of some domains."""
        named = self.get("List-Id") + self.get("List-Post").replace("mailto:", "").replace("@", ".")
        names = [name.strip().lower() for name in re.findall(r"<([^<>]{1,255})>", named)] or [named.strip().lower()]
        return any(self._is_one_of(name, domains) for name in names)

    def get_authentication(self, trusted=()) -> str:
        """Whether the domain of the author sent it, as servers of ours found: ``pass``, ``fail``, or empty.

        When no server is named as ours, a failure that any server found is believed, and a pass of none.

        :param trusted: names of servers, or domains of theirs.
        """
        findings = self._get_own_findings(trusted)
        verdicts = {finding.result for finding in findings if finding.method == "dmarc"}
        if "fail" in verdicts:
            return "fail"
        domain = self.author.domain
        if "pass" in {finding.result for finding in findings if domain and finding.is_of(domain)}:
            return "pass"
        return "" if trusted or not self._has_failed_anywhere() else "fail"

    def _get_own_findings(self, trusted):
        """What servers of ours found, which they write above what was there when they took the mail in.

        A sender writes headers in their name too, below theirs: what passes there passes nothing, once one of ours said
        how the method ended, or a server took the mail in below what was found.
        """
        findings, said, is_below = [], set(), False
        for name, line in self._trace:
            if name == "authentication-results":
                results = mail_authentication.read(line)
                if self._is_one_of(results.server, trusted):
                    findings += [
                        finding
                        for finding in results.findings
                        if finding.result != "pass" or not (is_below or finding.method in said)
                    ]
                    said.update(finding.method for finding in results.findings)
            elif not self._is_by(line, trusted):
                break
            else:
                is_below = bool(said)
        return findings

    @cached_property
    def _trace(self):
        """What servers wrote above the mail, the last one first: pairs of the name and the line of a header."""
        names = ("received", "authentication-results")
        headers = ((name.lower(), value) for name, value in self._headers.raw_items())
        written = islice(((name, value) for name, value in headers if name in names), MAX_HEADERS)
        return [(name, unfold(str(value))) for name, value in written]

    def _has_failed_anywhere(self):
        return any(
            (finding.method, finding.result) == ("dmarc", "fail")
            for value in self.get_all("Authentication-Results")
            for finding in mail_authentication.read(value).findings
        )

    @cached_property
    def forwarded_authors(self) -> list[Address]:
        """Who may have written what somebody forwards, the likeliest first."""
        found = [mail.author for mail in self.attached]
        for line in _FORWARDED_FROM.findall(self.text or self.html_without_tags):
            found += [
                Address(line[: match.start()].strip(" \"'<[*_:"), match[0].lower())
                for match in [ADDRESS.search(line.replace("mailto:", ""))]
                if match
            ]
        return [address for address in dict.fromkeys(found) if address.mailbox]

    # -- What it brings ---------------------------------------------------------------------------------------------

    @cached_property
    def body(self) -> MailBody:
        return MailBody(self.raw, lambda raw: IncomingMail(raw).subject)

    @property
    def is_abnormal(self) -> bool:
        return self.body.is_abnormal

    @property
    def has_heavy_html(self) -> bool:
        return self.body.has_heavy_html

    @property
    def text(self) -> str:
        return self.body.text

    @property
    def html(self) -> str:
        return self.body.html

    @property
    def html_without_tags(self) -> str:
        return self.body.html_without_tags

    @property
    def annexes(self) -> list[Annex]:
        return self.body.annexes

    @cached_property
    def attached(self) -> list["IncomingMail"]:
        """Mails that it carries whole."""
        return [IncomingMail(raw) for raw in self.body.content.attached]

    @cached_property
    def digest(self) -> str:
        """The same for two deliveries of one mail, whatever route each took; another for a mail with its Message-Id."""
        words = " ".join((self.text or self.html_without_tags).split())
        files = sorted(hashlib.sha256(annex.content).hexdigest() for annex in self.annexes)
        parts = [self.message_id, self.author.mailbox, self.subject, words, *files]
        if not self.message_id:
            parts.append(self.get("Date") or str(self.get_received_on() or ""))
        return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()
