import json
import logging

from odoo import models
from odoo.exceptions import AccessError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import evidence, evidence_check

_logger = logging.getLogger(__name__)

#: folders of a pack, by part of `_get_evidence_files`
FOLDERS = {
    "annexes": "anexos",
    "answer": "respuesta",
    "delivery": "notificacion",
    "messages": "mensajes",
    "commitments": "compromisos",
    "identity": "identidad",
}

REPORT = "sig_pqrs.report_case_file"


class PqrsEvidence(models.Model):
    """What an evidence pack holds of a case (see `sig.evidence.pack`)."""

    _inherit = "sig.pqrs"

    def action_make_evidence(self, with_identity=False):
        """An evidence pack of the cases: downloaded at once when they are few.

        :param bool with_identity: with reserved identities and identity documents.
        :return: the action that downloads it, or says that it is being made.
        """
        return self.env["sig.evidence.pack"]._ask(self, with_identity)._get_action()

    def _print_case_files(self, with_identity):
        """``{case: (content, extension)}`` of the case files: PDF, or HTML of those that cannot be printed."""
        report = self.env["ir.actions.report"].with_context(sig_without_identity=not with_identity)
        try:
            with self.env.cr.savepoint():
                streams, kind = report._pre_render_qweb_pdf(REPORT, res_ids=self.ids)
                if kind == "pdf":
                    return {case: (streams[case.id]["stream"].getvalue(), "pdf") for case in self}
        except (AccessError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            raise
        except Exception:
            _logger.exception("The case files of %s could not be printed together", self.ids)
            if len(self) > 1:
                return {case: case._print_case_files(with_identity)[case] for case in self}
        return {case: (report._render_qweb_html(REPORT, case.ids)[0], "html") for case in self}

    def _write_evidence(self, writer, printed, with_identity):
        """Write the case into a pack, as far as the user may read it, and which acts name what is left out.

        :param writer: `tools.evidence.PackWriter`.
        :param printed: content and extension of the case file.
        """
        self.ensure_one()
        folder = evidence.safe_name(self.name)
        content, extension = printed
        writer.add(f"{folder}/expediente.{extension}", [content])
        reasons = {"pdf"} if extension != "pdf" else set()
        paths, omitted_files = self._write_evidence_files(writer, folder, with_identity, reasons)
        messages, omitted_messages = self._get_evidence_messages(with_identity, reasons)
        self._write_evidence_mails(writer, folder, with_identity, reasons)
        chain = {**self._get_evidence_chain(with_identity), "kept": self._get_kept_proofs(paths, messages)}
        if messages:
            told = json.dumps(self._describe_kept_messages(messages), indent=1, ensure_ascii=False)
            chain["messages"] = writer.add(f"{folder}/mensajes.json", [told.encode()])
        omitted = self._get_acts_of(omitted_files, omitted_messages)
        writer.add_case(self.name, folder, chain, left_out=sorted(reasons), omitted=omitted)

    def _get_acts_of(self, files, messages):
        """Numbers of the acts that identify some of these files or messages."""
        kept = {*(("files", id_) for id_ in files.ids), *(("messages", id_) for id_ in messages.ids)}
        numbers = []
        for act in self.sudo().act_ids.sorted("number"):
            data = act.data or {}
            bound = set(evidence_check.get_bound(data)).intersection(files.mapped("checksum"))
            if act.kind == "kept":
                bound = kept & {(kind, pair[0]) for kind in ("files", "messages") for pair in data.get(kind, ())}
            if bound:
                numbers.append(act.number)
        return numbers

    def _get_evidence_messages(self, with_identity, reasons):
        """Messages with the petitioner that the user may read, the oldest first, and those that are left out.

        :param set reasons: why something is left out, to which those of messages are added.
        """
        everything = self.env["mail.message"].sudo().search(self._get_client_message_domain())
        private = everything.filtered(lambda message: message.model != self._name)
        readable = self._get_file_messages().sudo()
        if private and not with_identity:
            reasons.add("identity")
        if everything - private - readable:
            reasons.add("messages")
        told = (everything & (readable | private if with_identity else readable)).sorted(lambda m: (m.date, m.id))
        return told, everything - told

    def _write_evidence_files(self, writer, folder, with_identity, reasons):
        """Write the files of the case; give the path of each, and those that are left out.

        :param set reasons: why something is left out, to which those of files are added.
        """
        paths, omitted = {}, self.env["ir.attachment"].sudo()
        for part, files in self._get_evidence_files().items():
            readable = files.with_env(self.env)._filtered_access("read").sudo()
            if part == "identity" and not with_identity:
                reasons.add("identity")
                readable = readable.browse()
            elif readable != files:
                reasons.add("files")
            omitted |= files - readable
            for file in readable:
                if not file._sig_has_content():
                    reasons.add("lost")
                    continue
                name = evidence.safe_name(file.name)
                paths[file] = writer.add(f"{folder}/{FOLDERS.get(part, 'otros')}/{name}", file._sig_read_chunks())
        return paths, omitted

    def _write_evidence_mails(self, writer, folder, with_identity, reasons):
        """Write the mails of the case as they came and left. Under reserve they name who asks.

        :param set reasons: why something is left out, to which those of mails are added.
        """
        mails = self.env["sig.pqrs.mail"].sudo().search([("pqrs_id", "=", self.id)], order="date, id")
        if mails and self.identity_reserved and not with_identity:
            reasons.add("identity")
        elif mails and not self.env["sig.pqrs.mail"].has_access("read"):
            reasons.add("mails")
        elif mails:
            originals = mails._get_originals()
            for mail, file in originals.items():
                writer.add(f"{folder}/correos/{mail._get_original_name()}", file._sig_read_chunks())
            if len(originals) < len(mails):
                reasons.add("lost")

    def _get_evidence_chain(self, with_identity):
        """The acts as they are chained, with their head.

        The user that the petitioner is, under reserve, is told only with the identity. An act that holds the user, and
        not a commitment to it, is sealed.
        """
        case = self.sudo()
        acts = self.env["sig.pqrs.act"]._read_entries(self).get(self.id, [])
        apart = {} if with_identity else case.identity_ids.act_users or {}
        for act in acts:
            if str(act["number"]) in apart and not isinstance(act["user"], str):
                act.update(user=None, sealed=True)
        return {"case": case.uuid, "head": [case.act_number, case.act_head], "acts": acts}
