import json
import logging
import mmap
import tempfile
from datetime import timedelta
from operator import methodcaller

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import evidence, evidence_check
from .. import clock
from ..failure import describe_failure

_logger = logging.getLogger(__name__)

#: cases of a pack that is made at once, and of any pack
AT_ONCE = 5
#: times that a job begins a pack
ATTEMPTS = 3
MAX_CASES = 500

#: case files printed together
PRINTED = 10

#: how long a pack can be downloaded; its record stays
RETENTION = timedelta(days=7)

REPORT = "sig_pqrs.report_case_file"

#: folders of a pack, by part of `sig.case.file._get_files`
FOLDERS = {
    "annexes": "anexos",
    "answer": "respuesta",
    "delivery": "notificacion",
    "messages": "mensajes",
    "commitments": "compromisos",
    "identity": "identidad",
}


class EvidencePack(models.Model):
    """Cases with their files in a ZIP that anybody can verify offline (see `tools.evidence`). A pack holds what its
    user may read when it is made; only the SIG can include reserved identities and documents. The file is deleted after
    some days; the record, with the digest, stays.
    """

    _name = "sig.evidence.pack"
    _description = "Evidence Pack"
    _inherit = ["sig.files.mixin", "sig.thread.mixin", "sig.activity.mixin"]
    _order = "id desc"
    _sig_is_proof = True
    _mail_post_access = "read"
    _sig_keeps_messages = True  # downloads are logged

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "Asked for by", required=True, readonly=True, index=True)
    date = fields.Datetime("Asked for on", required=True, readonly=True)
    case_ids = fields.Many2many(
        "sig.pqrs", "sig_evidence_pack_case_rel", string="Cases", readonly=True, check_company=True
    )
    case_count = fields.Integer("Number of cases", readonly=True)
    with_identity = fields.Boolean("With the identity", readonly=True)
    left_out = fields.Integer("Restricted, left out", readonly=True, help="Cases that could not be read any more.")
    state = fields.Selection(
        [("waiting", "Being made"), ("ready", "Ready"), ("failed", "Failed"), ("expired", "Expired")],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    digest = fields.Char(
        "SHA-256 of the manifest", readonly=True, help="Note it outside: it tells a pack made again.", exportable=False
    )
    attachment_id = fields.Many2one("ir.attachment", "ZIP file", readonly=True, groups=fields.NO_ACCESS)
    failure = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True, aggregator=None, exportable=False)

    # -- Request ----------------------------------------------------------------------------------------------------

    @api.model
    def _request(self, cases, with_identity=False):
        """Create a pack: of few cases it is made at once, else by a job that notifies the user.

        :param cases: of one company, that the user may read.
        :param bool with_identity: with reserved identities and identity documents; for the SIG.
        """
        self.env["sig.case.file"]._check_reader(cases)
        if with_identity and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG gives identities out."))
        if not cases:
            raise UserError(self.env._("Choose at least one case."))
        if len(cases) > MAX_CASES:
            raise UserError(self.env._("At most %s cases in one pack.", MAX_CASES))
        if len(cases.company_id) > 1:
            raise UserError(self.env._("The cases of a pack are of one company."))
        company = cases.company_id
        title = cases.name if len(cases) == 1 else self.env._("%s cases", len(cases))
        pack = self.sudo().create(
            {
                "name": evidence.safe_name(f"{self.env._('Evidence')} {company._sig_today()} {title}"),
                "company_id": company.id,
                "user_id": self.env.uid,
                "date": clock.now(),
                "case_ids": [Command.set(cases.ids)],
                "case_count": len(cases),
                "with_identity": with_identity,
            }
        )
        if len(cases) <= AT_ONCE:
            pack._make()
            cases._touch_rows("anonymized_on")  # no pack outlives an anonymization at the same time
            if pack.state == "failed":
                raise UserError(self.env._("The evidence pack could not be made: %s", pack.failure))
        else:
            self.env["ir.cron"]._sig_trigger("sig_pqrs.cron_evidence")
        return self.browse(pack.id)

    def _get_action(self):
        if self.state == "ready":
            return self.action_download()
        message = self.env._(
            "The pack of %s cases is being made. You will have an activity when it is ready.", self.case_count
        )
        return self._show_message(message, closes=True)

    def action_download(self):
        self.ensure_one()
        self.check_access("read")
        if self.state != "ready" or not self.sudo().attachment_id:
            raise UserError(self.env._("The file is not kept any more, or is not ready: make the pack again."))
        return {"type": "ir.actions.act_url", "url": f"/pqrs/evidence/{self.id}", "target": "download"}

    # -- Making it --------------------------------------------------------------------------------------------------

    def _make(self):
        """Write the pack and store it. A failure leaves no file and stands on the pack."""
        self.ensure_one()

        def fail(pack, error):
            pack.write({"state": "failed", "failure": describe_failure(error)})

        self._in_isolation(self, methodcaller("_store_zip"), fail)

    def _store_zip(self):
        with tempfile.TemporaryFile() as file:
            digest, attachment = self._write_zip(file), self._store_file(file)
            self.write({"digest": digest, "attachment_id": attachment.id, "state": "ready", "failure": False})

    def _write_zip(self, file):
        companies = self.company_id.ids
        env = self.with_user(self.user_id).with_context(lang=self.user_id.lang, allowed_company_ids=companies).env
        cases = self.case_ids.with_env(env)._filtered_access("read").sorted("name")
        if not cases:
            raise UserError(self.env._("There is no case left that may be read."))
        env["sig.case.file"]._check_reader(cases)
        self.left_out = len(self.case_ids) - len(cases)
        about = {
            "company": self.company_id.name,
            "made_on": fields.Datetime.to_string(self.date),
            "made_by": self.user_id.name,
            "asked_cases": self.case_count,
            "restricted_left_out": self.left_out,
            "with_identity": self.with_identity,
        }
        moment = self.company_id._sig_local(self.date).replace(tzinfo=None)
        with evidence.PackWriter(file, about, moment) as writer:
            with tools.file_open("sig_pqrs/tools/LEAME.txt", "rb") as guide:
                writer.add("LEAME.txt", [guide.read()])
            writer.add_verifier()
            for start in range(0, len(cases), PRINTED):
                batch = cases[start : start + PRINTED]
                printed = self._print_case_files(batch)
                for case in batch:
                    self._write_case(writer, case, printed[case])
                env.invalidate_all()
            return writer.close()

    def _store_file(self, file):
        """In a field without readers: only the route that logs downloads serves it. Mapped, not read into memory."""
        file.flush()
        Attachment = self.env["ir.attachment"].sudo()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            raw = bytes(content) if Attachment._storage() == "db" else content
            kind = {"mimetype": "application/zip", "res_field": "attachment_id"}
            return Attachment._sig_create_for(self, f"{self.name}.zip", raw, **kind)

    # -- The cases: with the rights of the user, which their environment has ----------------------------------------

    def _print_case_files(self, cases):
        """``{case: (content, extension)}`` of the case files: PDF, or HTML of those that cannot be printed."""
        report = cases.env["ir.actions.report"].with_context(sig_without_identity=not self.with_identity)
        try:
            with self.env.cr.savepoint():
                streams, kind = report._pre_render_qweb_pdf(REPORT, res_ids=cases.ids)
                if kind == "pdf":
                    describe = report._get_report(REPORT)._sig_describe
                    return {case: (describe(streams[case.id]["stream"].getvalue(), case), "pdf") for case in cases}
        except (AccessError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            raise
        except Exception:
            _logger.exception("The case files of %s could not be printed together", cases.ids)
            if len(cases) > 1:
                return {case: self._print_case_files(case)[case] for case in cases}
        return {case: (report._render_qweb_html(REPORT, case.ids)[0], "html") for case in cases}

    def _write_case(self, writer, case, printed):
        """Write a case as far as the user may read it. The manifest says why something is left out, and which acts
        name it.

        :param writer: `evidence.PackWriter`.
        :param printed: content and extension of the case file.
        """
        folder = evidence.safe_name(case.name)
        content, extension = printed
        writer.add(f"{folder}/expediente.{extension}", [content])
        reasons = {"pdf"} if extension != "pdf" else set()
        paths, omitted_files = self._write_files(writer, case, reasons)
        messages, omitted_messages = self._get_messages(case, reasons)
        told, omitted_told = self._get_communications(case, reasons)
        self._write_mails(writer, case, reasons)
        proofs = self.env["sig.case.binding"]._get_proofs(case, paths, messages=messages, communications=told)
        chain = {**self._get_chain(case), "kept": proofs}
        for kind, name, texts in (("messages", "mensajes", messages), ("communications", "comunicaciones", told)):
            if texts:
                values = [each._sig_get_bound_values() for each in texts]
                text = json.dumps(values, indent=1, ensure_ascii=False)
                chain[kind] = writer.add(f"{folder}/{name}.json", [text.encode()])
        omitted = self._get_acts_of(case, files=omitted_files, messages=omitted_messages, communications=omitted_told)
        writer.add_case(case.name, folder, chain, left_out=sorted(reasons), omitted=omitted)

    @api.model
    def _get_acts_of(self, case, **records):
        """Numbers of the acts that identify some of these files or texts, given by kind."""
        ids = {kind: set(found.ids) for kind, found in records.items()}
        checksums = set(records["files"].mapped("checksum"))

        def is_named(act):
            data = act.data or {}
            return not checksums.isdisjoint(evidence_check.get_checksums(data)) or any(
                id_ in ids[kind] for kind in ids for id_, _commitment in evidence.get_bound(data, kind)
            )

        return case.sudo().act_ids.filtered(is_named).sorted("number").mapped("number")

    def _get_messages(self, case, reasons):
        """Of before 19.0.2.0.0, and mails that acts bind, that the user may read, oldest first; and the omitted."""
        everything = case.sudo().communication_ids.message_id
        everything |= case.env["sig.case.binding"]._get_bound_messages(case)
        private = everything.filtered(lambda message: message.model != case._name)
        readable = case.env["sig.case.file"]._filter_readable(everything - private)
        if private and not self.with_identity:
            reasons.add("identity")
        if everything - private - readable:
            reasons.add("messages")
        included = everything if self.with_identity else readable - private
        return included.sorted(lambda message: (message.date, message.id)), everything - included

    def _get_communications(self, case, reasons):
        """Communications whose text acts bind, oldest first, and the omitted ones: under reserve they name who asks."""
        bound = case.env["sig.case.binding"]._get_bound_ids(case)[case.id, "communications"]
        everything = case.sudo().communication_ids.filtered(lambda each: each.id in bound).sorted("id")
        if everything and case.identity_reserved and not self.with_identity:
            reasons.add("identity")
            return everything.browse(), everything
        readable = case.env["sig.case.file"]._filter_readable(everything)
        if everything - readable:
            reasons.add("messages")
        return readable, everything - readable

    def _write_files(self, writer, case, reasons):
        """Write the files of a case; return ``{attachment: path}``, and the omitted files."""
        case_file = case.env["sig.case.file"]
        paths, omitted = {}, self.env["ir.attachment"].sudo()
        for part, files in case_file._get_files(case).items():
            readable = case_file._filter_readable(files)
            if part == "identity" and not self.with_identity:
                reasons.add("identity")
                readable = readable.browse()
            elif readable != files:
                reasons.add("files")
            omitted |= files - readable
            for file in readable:
                if not file._sig_has_content():
                    reasons.add("lost")
                    continue
                path = f"{evidence.safe_name(case.name)}/{FOLDERS.get(part, 'otros')}/{evidence.safe_name(file.name)}"
                paths[file] = writer.add(path, file._sig_read_chunks())
        return paths, omitted

    def _write_mails(self, writer, case, reasons):
        """Write the original mails. Under reserve they name the petitioner."""
        Mail = case.env["sig.pqrs.mail"]
        mails = Mail.sudo().search([("pqrs_id", "=", case.id)], order="date, id")
        if mails and case.identity_reserved and not self.with_identity:
            reasons.add("identity")
        elif mails and not Mail.has_access("read"):
            reasons.add("mails")
        elif mails:
            originals = mails._get_originals()
            for mail, file in originals.items():
                writer.add(f"{evidence.safe_name(case.name)}/correos/{mail.raw_name}", file._sig_read_chunks())
            if len(originals) < len(mails):
                reasons.add("lost")

    def _get_chain(self, case):
        """With their head. Without the identity, acts of a reserved petitioner omit their user, or are sealed."""
        case = case.sudo()
        acts = self.env["sig.pqrs.act"]._read_entries(case).get(case.id, [])
        reserved = {} if self.with_identity else case.identity_ids.act_users or {}
        for act in acts:
            if str(act["number"]) in reserved and not isinstance(act["user"], str):
                act.update(user=None, sealed=True)
        return {"case": case.uuid, "head": [case.act_number, case.act_head], "acts": acts}

    # -- Jobs -------------------------------------------------------------------------------------------------------

    def _cron_make(self):
        domain = [("state", "=", "waiting")]
        # Not locked: erasing one of its cases need not wait; the pack is then made again.
        pack = self.search(domain, order="id", limit=1)
        pack = pack.with_context(lang=pack.user_id.lang)
        if pack.attempts == ATTEMPTS:  # its job was ended each time
            pack.write({"state": "failed", "failure": pack.env._("It takes too long: choose fewer cases.")})
        elif pack:
            pack.attempts += 1
            self.env["ir.cron"]._commit_progress()
            pack._make()
        if pack:
            pack._notify()
        self.env["ir.cron"]._commit_progress(len(pack), remaining=self.search_count(domain))

    def _notify(self):
        ready = self.env._("Your evidence pack is ready: download it")
        failed = self.env._("Your evidence pack could not be made")
        self.env["sig.staff.notice"]._schedule_activities(
            self,
            {self: self.user_id},
            "mail.mail_activity_data_todo",
            deadlines={self: self.company_id._sig_today()},
            summary=ready if self.state == "ready" else failed,
            note=self.failure,
        )

    @api.autovacuum
    def _gc_files(self):
        old = self.search([("state", "=", "ready"), ("date", "<", clock.now() - RETENTION)], limit=1000)
        attachments = old.attachment_id
        old.write({"attachment_id": False, "state": "expired"})
        attachments.unlink()
        return len(old), len(old) == 1000
