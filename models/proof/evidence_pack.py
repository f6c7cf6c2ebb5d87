import logging
import mmap
import tempfile
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools import evidence
from .. import clock
from ..failure import describe_failure
from ..own_fields import get_own_names

_logger = logging.getLogger(__name__)

#: cases of a pack that is made while whoever asks for it waits, and of one pack
AT_ONCE = 5
MAX_CASES = 500

#: case files printed together
PRINTED = 10

#: how long a pack can be downloaded; that it was made stays known
RETENTION = timedelta(days=7)

README = f"""PAQUETE DE EVIDENCIA DE PQRS

Cada carpeta es un caso: expediente, archivos, mensajes, correos originales y actuaciones encadenadas.
manifest.json tiene el SHA-256 de cada archivo, y dice de cada caso qué no se incluyó.

Para verificarlo, en cualquier computador con Python 3.10 o posterior, sin Odoo, sin red y sin claves, saque de este ZIP
la carpeta {evidence.VERIFIER_FOLDER} y ejecute:

    python3 {evidence.VERIFIER_FOLDER}/verify_evidence.py PAQUETE.zip --digest RESUMEN

RESUMEN es el SHA-256 del manifiesto que quedó registrado cuando se hizo el paquete.
Quien falsifique un paquete puede falsificar también este verificador: antes de creerle, compare el SHA-256 de sus
archivos con los publicados en docs/evidence.md del programa sig_pqrs, o use los de la carpeta tools del programa.
Contiene datos personales: entréguelo solo a quien tiene derecho a conocerlos.
"""


class EvidencePack(models.Model):
    """Cases with all their files in a ZIP that anybody can verify offline (see `tools.evidence`), and who made it.

    It holds what whoever asks for it may read, read again with their rights when it is made: the SIG all, top
    management and who audits what is not restricted, without the original mails. The reserved identity and the
    identity document go in only when the SIG asks for them. The file is kept for some days; the record, with the
    digest, for good.
    """

    _name = "sig.evidence.pack"
    _description = "Evidence Pack"
    _inherit = ["sig.files.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _sig_keeps_messages = True  # who downloaded it

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
    digest = fields.Char("SHA-256 of the manifest", readonly=True, help="Note it outside: it tells a pack made again.")
    attachment_id = fields.Many2one("ir.attachment", "ZIP file", readonly=True, groups=fields.NO_ACCESS)
    failure = fields.Char(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Evidence packs are made from the cases."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and get_own_names(self, vals):
            raise UserError(self.env._("What was made of a pack does not change."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("It stays known which packs were made, by whom and of which cases."))

    # -- Asking for one ---------------------------------------------------------------------------------------------

    @api.model
    def _ask(self, cases, with_identity=False):
        """A pack of some cases, made at once when they are few, or else by a job that tells who asked.

        :param cases: of one company, that the user may read.
        :param bool with_identity: with the reserved identities and the identity documents; of the SIG alone.
        """
        cases._check_file_reader()
        if with_identity and not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG gives identities out."))
        if not cases:
            raise UserError(self.env._("Choose at least one case."))
        if len(cases) > MAX_CASES:
            raise UserError(self.env._("At most %s cases in one pack.", MAX_CASES))
        if len(cases.company_id) > 1:
            raise UserError(self.env._("The cases of a pack are of one company."))
        company = cases.company_id
        today = company._sig_today()
        title = cases.name if len(cases) == 1 else self.env._("%s cases", len(cases))
        pack = self.sudo().create(
            {
                "name": evidence.safe_name(f"{self.env._('Evidence')} {today} {title}"),
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
            self.env["sig.erasure"]._conflict_with_erasing(cases)
            if pack.state == "failed":
                raise UserError(self.env._("The evidence pack could not be made: %s", pack.failure))
        else:
            self.env["sig.pqrs"]._trigger("sig_pqrs.cron_evidence")
        return pack.sudo(False)

    def _get_action(self):
        """Download it, or say that it is being made."""
        self.ensure_one()
        if self.state == "ready":
            return self.action_download()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "The pack of %s cases is being made. You will have an activity when it is ready.", self.case_count
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_download(self):
        """The file, while it is kept."""
        self.ensure_one()
        self.check_access("read")
        if self.state != "ready" or not self.sudo().attachment_id:
            raise UserError(self.env._("The file is not kept any more, or is not ready: make the pack again."))
        return {"type": "ir.actions.act_url", "url": f"/pqrs/evidence/{self.id}", "target": "download"}

    # -- Making it --------------------------------------------------------------------------------------------------

    def _make(self):
        """Write the pack and keep it. What fails leaves no file, and is said on the pack."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint(), tempfile.TemporaryFile() as file:
                digest, attachment = self._write(file), self._store_file(file)
                self.write({"digest": digest, "attachment_id": attachment.id, "state": "ready", "failure": False})
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.exception("The evidence pack %s could not be made", self.id)
            self.write({"state": "failed", "failure": describe_failure(error)})

    def _write(self, file):
        """Write the pack into a file with the rights of who asked for it.

        :return: the digest of the manifest.
        """
        env = (
            self.with_user(self.user_id)
            .with_context(lang=self.user_id.lang, allowed_company_ids=self.company_id.ids)
            .env
        )
        cases = self.case_ids.with_env(env)._filtered_access("read").sorted("name")
        if not cases:
            raise UserError(self.env._("There is no case left that may be read."))
        cases._check_file_reader()
        self.left_out = len(self.case_ids) - len(cases)
        moment = self.company_id._sig_local(self.date).replace(tzinfo=None)
        with evidence.PackWriter(file, self._get_about(), moment) as writer:
            writer.add("LEAME.txt", [README.encode()])
            writer.add_verifier()
            for start in range(0, len(cases), PRINTED):
                batch = cases[start : start + PRINTED]
                printed = batch._print_case_files(self.with_identity)
                if batch == cases:
                    # After what takes long: the rows stay locked until the pack is stored.
                    batch._bind_pending()
                for case in batch:
                    case._write_evidence(writer, printed[case], self.with_identity)
                env.invalidate_all()
            return writer.close()

    def _get_about(self):
        """What the manifest says of the pack; of restricted cases that may not be read, how many they are."""
        return {
            "company": self.company_id.name,
            "made_on": fields.Datetime.to_string(self.date),
            "made_by": self.user_id.name,
            "asked_cases": self.case_count,
            "restricted_left_out": self.left_out,
            "with_identity": self.with_identity,
        }

    def _store_file(self, file):
        """Keep a file as the content of a field that nobody reads, so that only the route that notes who downloads it
        hands it over; it is mapped, not read into memory.
        """
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            in_database = self.env["ir.attachment"]._storage() == "db"
            return (
                self.env["ir.attachment"]
                .sudo()
                .create(
                    {
                        "name": f"{self.name}.zip",
                        "raw": bytes(content) if in_database else content,
                        "mimetype": "application/zip",
                        "res_model": self._name,
                        "res_field": "attachment_id",
                        "res_id": self.id,
                    }
                )
            )

    # -- Jobs -------------------------------------------------------------------------------------------------------

    @api.model
    def _cron_make(self):
        """Make the packs that wait, one at a time."""
        domain = [("state", "=", "waiting")]
        # Not locked: an erasing of one of its cases need not wait, and what is made of it meanwhile is made again.
        pack = self.search(domain, order="id", limit=1)
        if pack:
            pack.case_ids._bind_pending()
            self.env["ir.cron"]._commit_progress()  # nothing stays locked while it is made
            pack._make()
            pack._notify()
        self.env["ir.cron"]._commit_progress(len(pack), remaining=self.search_count(domain))

    def _notify(self):
        """Tell who asked for the pack what became of it."""
        mine = self.with_context(lang=self.user_id.lang)
        ready = mine.env._("Your evidence pack is ready: download it")
        failed = mine.env._("Your evidence pack could not be made")
        self.env["sig.people"]._schedule_activities(
            mine,
            {mine: mine.user_id},
            "mail.mail_activity_data_todo",
            deadlines={mine: mine.company_id._sig_today()},
            summary=ready if mine.state == "ready" else failed,
            note=mine.failure,
        )

    @api.autovacuum
    def _gc_files(self):
        """The files go; the records stay."""
        old = self.search([("state", "=", "ready"), ("date", "<", clock.now() - RETENTION)], limit=1000)
        attachments = old.attachment_id
        old.write({"attachment_id": False, "state": "expired"})
        attachments.unlink()
        return len(old), len(old) == 1000
