from datetime import timedelta

from lxml import etree, html
from markupsafe import Markup

from odoo import models

from .. import clock
from ..failure import attempt

REPORT = "sig_pqrs.report_response_letter"
TRANSFER_REPORT = "sig_pqrs.report_transfer_letter"

#: characters of the answer that are printed with the signature, at least
ENDING = 250

BLOCKS = frozenset({"div", "p", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})


class Letter(models.AbstractModel):
    """The letters of cases: each is stored before it leaves, and does not change afterwards."""

    _name = "sig.letter"
    _description = "Letters"

    def _store_answers(self, cases):
        """Store the letters of answers, and return the printed cases: if the PDF engine fails, a job prints others."""
        printed = cases.browse()
        for case in cases:
            case.letter_date = self._get_answer_day(case)
            case.letter_id = letter = self._store(case, case._get_private_record(), case.name)
            if letter:
                case.delivery_id.write({"letter_id": letter.id, "failure": False})
                case.answer_id.filtered(lambda answer: answer.state == "sent").letter_id = letter
                printed += case
            else:
                case.delivery_id.failure = self._explain_unprinted()
                self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_delivery", clock.now() + timedelta(minutes=5))
        return printed

    def _explain_unprinted(self):
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            return self.env._("The letter is printed, and leaves, once the server has wkhtmltopdf: tell who runs it.")
        return self.env._("The letter could not be printed; it will be tried again.")

    def _store_transfer(self, forwarding):
        """Store the letter that forwards a case; without it, the SIG attaches its own."""
        name = self.env._("Transfer %s", forwarding.pqrs_id.name)
        forwarding.letter_id = self._store(forwarding.pqrs_id, forwarding._get_private_record(), name, TRANSFER_REPORT)

    def _store(self, case, owner, name, report=REPORT):
        """:return: the printed letter; empty when the PDF engine fails."""
        Attachment = self.env["ir.attachment"].sudo()

        def store():
            content, extension = self._render(case, report)
            return Attachment._sig_create_for(owner, f"{name}.{extension}", content)

        return attempt(self.env.cr, store, "A letter of %s could not be printed", case.name) or Attachment

    def _render(self, case, report=REPORT):
        return self._get_report(case, report)._render_qweb_pdf(report, case.ids)

    def _get_report(self, case, report=REPORT):
        """The report in the language of the addressee, without the mark of drafts and copies."""
        lang = case._get_lang() if report == REPORT else case.company_id._sig_lang()
        return case.env["ir.actions.report"].with_context(lang=lang, sig_letter_leaves=True)

    def _is_leaving(self, case):
        """Whether a step prints the letter: no user can have it without the mark of drafts and copies."""
        return case.env.su and case.env.context.get("sig_letter_leaves")

    def _get_signature(self, case, sent):
        """The drawn signature of who signs, on the letter that they send themselves; empty on drafts and copies."""
        signatory = case.company_id._sig_get_director()
        return self._is_leaving(case) and sent.create_uid == signatory and signatory.sudo().sig_signature_image

    def _get_copied(self, case):
        case = case.sudo()
        medium = case.delivery_id.medium or case._get_default_medium()
        return medium == "email" and self.env["sig.client.notice"]._get_copied(case)

    def _get_text(self, case):
        """What the letter says, as HTML to be read without it: its pictures are left out."""
        promised = {"commitments": self.env["sig.pqrs.commitment"]._get_promised(case)}
        commitments = case.env["ir.qweb"]._render("sig_pqrs.response_commitments", promised)
        return case.env["sig.client.view"]._get_answer_text(case.response) + commitments

    def _split_answer(self, case):
        """The answer without its last lines, and these, printed with the signature: no page has the signature alone."""
        body = html.fragment_fromstring(case.response or "", create_parent="div")
        ending = self._cut_ending(body, ENDING)
        return [Markup(etree.tostring(part, encoding="unicode", method="html")) for part in (body, ending)]

    def _cut_ending(self, node, length):
        """Cut the last blocks, of ``length`` characters, out of a node, in copies of the blocks around them."""
        copy = etree.Element(node.tag, dict(node.attrib))
        while length > 0 and len(node) and node[-1].tag in BLOCKS and not (node[-1].tail or "").strip():
            last = node[-1]
            if not last.text_content().strip() and last.find(".//img") is None:
                node.remove(last)
                continue
            ending = self._cut_ending(last, length) if last.tag == "div" else last
            ending = ending if len(ending) else last  # a block without blocks goes whole
            length -= len("".join(ending.itertext()))
            copy.insert(0, ending)
        return copy

    def _get_date(self, case):
        """Date printed on the letter: that of the stored letter, or today on a draft."""
        return ((case.letter_id or case.date_answered) and case.letter_date) or self._get_answer_day(case)

    def _get_answer_day(self, case):
        company = case.company_id
        return company._sig_local_date(case.date_answered) if case.date_answered else company._sig_today()
