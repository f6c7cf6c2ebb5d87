from typing import NamedTuple

from odoo import models, tools
from odoo.fields import Command

from ...tools import clean_text
from ...tools.mail_text import Address

MAX_SUBJECT = 500
MAX_DESCRIPTION = 100_000

#: files; more of them stay in the original mail
MAX_ANNEXES = 30


class Author(NamedTuple):
    """``doubts`` say why the SIG must check; ``is_believed`` says that the mail comes from the address."""

    partner: object
    address: Address
    doubts: tuple[str, ...] = ()
    is_believed: bool = False


class MailPetition(models.AbstractModel):
    """Mails of known contacts outside are filed; those of strangers, of our own people who forward, and those that the
    author's domain disowns wait for the SIG. Neither type nor urgency is guessed from words.
    """

    _name = "sig.mail.petition"
    _description = "Petition by Mail"

    def _read(self, mail, incoming):
        """:return: values of a case, and notes for the SIG."""
        self = self.with_context(lang=mail.company_id._sig_lang())
        author = self._identify(mail.company_id, incoming)
        files, missing = self._take_files(incoming)
        doubts = author.doubts
        if incoming.seems_automatic(self._came_through_own_list(mail.company_id, incoming)):
            doubts += (self.env._("Its subject or its headers are like those of a program: check who wrote."),)
        if not incoming.is_readable:
            doubts += (self.env._("It is longer or deeper than mail programs write: look at the original."),)
        values = {
            "company_id": mail.company_id.id,
            "channel": "email",
            "type_id": self.env["sig.pqrs.type"]._get_fallback(mail.company_id, "peticion").id,
            "subject": clean_text.line(incoming.subject)[:MAX_SUBJECT] or self.env._("(without subject)"),
            "description": self._get_description(incoming),
            "date_received": mail.date,
            "state": "to_file" if doubts else "received",
            "partner_id": author.partner.id,
            "partner_name": author.partner.name or clean_text.line(author.address.name)[:200] or False,
            "email_from": tools.email_normalize(author.address.mailbox) or False,
            "response_medium": "email",
            "attachment_ids": [Command.create(file) for file in files],
        }
        return values, [*doubts, *missing]

    def _take_files(self, incoming):
        """:return: values of the files that a case takes from a mail, and notes for the SIG on the others."""
        annexes = [annex for annex in incoming.annexes if annex.content]
        missing = {
            self.env._("These files are only in the original mail: %s"): annexes[MAX_ANNEXES:],
            self.env._("These files came empty: %s"): [annex for annex in incoming.annexes if not annex.content],
        }
        return [self._get_file(annex) for annex in annexes[:MAX_ANNEXES]], [
            text % ", ".join(self._get_file(annex)["name"] for annex in left) for text, left in missing.items() if left
        ]

    def _came_through_own_list(self, company, incoming):
        """Whether a mail claims to come through a list of ours. Any sender can: it only makes the SIG check."""
        return incoming.is_of_list_in(company._sig_get_mail_domains())

    def _is_proved(self, company, incoming):
        return incoming.has_plain_author and incoming.get_authentication(company._sig_get_trusted_relays()) == "pass"

    def _is_disowned(self, company, incoming):
        failed = incoming.get_authentication(company._sig_get_trusted_relays()) == "fail"
        return failed or not incoming.has_plain_author

    def _identify(self, company, incoming):
        nobody, address = self.env["res.partner"], incoming.author
        if self._is_disowned(company, incoming):
            doubt = self.env._("The mail domain of the sender says that it did not send this: check who wrote.")
            if not incoming.has_plain_author:
                doubt = self.env._("The mail does not say in one way only who wrote it: check who asks.")
            return Author(nobody, address, (doubt,))
        partner, doubts = self._find_contact(company, address)
        if self._is_ours(company, partner, address):
            return self._identify_behind(company, incoming)
        if not partner and not doubts:
            doubts = (self.env._("Nobody of the contacts has the address of the sender."),)
        return Author(partner, address, doubts, is_believed=True)

    def _is_ours(self, company, partner, address):
        # Others write through one of ours, as a group's, or one that core allows any number.
        if address.mailbox in company._sig_get_own_addresses() or self._may_send_any_number(address.mailbox):
            return True
        return partner._sig_is_ours() if partner else address.domain in company._sig_get_mail_domains()

    def _may_send_any_number(self, mailbox):
        allowed = self.env["mail.gateway.allowed"].sudo()
        return bool(mailbox) and bool(allowed.search_count([("email_normalized", "=", mailbox)], limit=1))

    def _get_sender(self, incoming, author):
        """Whose mails core's loop guard counts: who wrote through a group of ours, if a server of ours confirms it."""
        return author.address if author.is_believed else incoming.author

    def _find_contact(self, company, address):
        """The contact, and doubts: users of the portal write any address on their own contact, which proves nothing."""
        partners = self.env["res.partner"]
        mailbox = tools.email_normalize(address.mailbox)
        if not mailbox or mailbox.isascii() != address.mailbox.isascii():
            return partners, ()
        own = [("email_normalized", "=", mailbox), *partners._check_company_domain(company)]
        found = partners.search(own, order="id")
        colleagues = found.filtered(lambda partner: partner._sig_is_ours())
        if colleagues:
            return colleagues[0], ()
        proved = found.filtered(lambda partner: partner._sig_proves_address())
        if found and not proved:
            names = ", ".join(found.mapped("display_name"))
            return proved, (self.env._("The address of no HERA user: check who asks, or revoke and invite: %s", names),)
        # Prefer a person of a client to the client itself.
        best = proved.sorted(lambda partner: (not partner.parent_id, partner.id))[:1]
        others = proved.filtered(lambda partner: partner.commercial_partner_id != best.commercial_partner_id)
        if others:
            names = ", ".join((best | others).mapped("display_name"))
            return best, (self.env._("Several contacts have this address, check the client: %s", names),)
        return best, ()

    def _get_writer(self, company, incoming, author):
        """The contact that wrote a mail, if proved; for our own people, by a mail server of ours."""
        if author.is_believed:
            return author.partner
        partner, _doubts = self._find_contact(company, incoming.author)
        is_ours = self._is_proved(company, incoming) and partner and partner._sig_is_ours()
        return partner if is_ours else partner.browse()

    def _identify_behind(self, company, incoming):
        address, is_proved = incoming.author, self._is_proved(company, incoming)
        who = clean_text.line(f"{address.name} <{address.mailbox}>")[:200]
        doubt = self.env._("It says to come from %s, of ours, and no mail server confirms it: check who asks.", who)
        if is_proved:
            doubt = self.env._("Sent by one of our own people, %s: check who asks.", who)
        by_group = is_proved and self._came_through_own_list(company, incoming)
        for candidate in incoming.passed_on_authors:
            partner, unsure = self._find_contact(company, candidate)
            if not self._is_ours(company, partner, candidate):
                is_sure = by_group and candidate in incoming.original_authors  # the others are what anybody typed
                doubts = unsure if is_sure and partner else (doubt, *unsure)
                return Author(partner if is_proved else partner.browse(), candidate, doubts, is_believed=is_sure)
        partner, unsure = self._find_contact(company, address)
        if partner and not partner._sig_is_ours():  # a client who may send any number, and passes nothing on
            return Author(partner, address, (doubt, *unsure))
        return Author(self.env["res.partner"], Address("", ""), (doubt,))

    def _get_description(self, incoming):
        text = clean_text.paragraphs(incoming.text[: 2 * MAX_DESCRIPTION])
        if len(text) > MAX_DESCRIPTION:
            text = f"{text[:MAX_DESCRIPTION]}\n\n{self.env._('(it goes on in the original mail)')}"
        return self.env["sig.tracking"]._hide(text) or (
            self.env._("(without text)")
            if incoming.is_readable
            else self.env._("(it could not be read: look at the original mail)")
        )

    def _get_file(self, annex):
        # Bars are no folders here: a mail that is attached is named after its subject, which may have a date.
        name = self.env["sig.upload"]._clean_name(annex.name.replace("/", "-").replace("\\", "-"))
        return {"name": name, "raw": annex.content, "mimetype": annex.mimetype}
