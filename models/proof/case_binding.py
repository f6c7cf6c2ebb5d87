import logging
from collections import defaultdict
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import act_chain, evidence
from .. import clock
from ..communication.pqrs_message import FROM_CLIENT, TO_CLIENT

_logger = logging.getLogger(__name__)

#: models whose files are bound by acts
HOLDERS = ("sig.pqrs", "sig.pqrs.identity", "sig.pqrs.communication")

#: models whose messages with the petitioner are bound by acts
THREADS = ("sig.pqrs", "sig.pqrs.identity")

#: what an act binds
KINDS = ("messages", "files", "names")

RETRY_DELAY = timedelta(hours=6)

#: batches that are searched for cases that no other transaction has locked
LOOK_AHEAD = 20


class CaseBinding(models.AbstractModel):
    """Binds messages with the petitioner and files of cases to their chain of acts.

    New files and messages mark their case. A job appends an act of kind ``kept`` with a commitment to each of them, and
    to the names of files (the next act binds names that acts of older versions lack). Commitments are salted with the
    private salt of the case: an act alone tells nothing, and proves nothing once the personal data are erased. The acts
    of sending and approving bind the letter and its annexes.
    """

    _name = "sig.case.binding"
    _description = "Binding of Files and Messages"

    # -- Marking ----------------------------------------------------------------------------------------------------

    @api.model
    def _mark(self, holders):
        """Have the job bind what was added to the cases of some records.

        This leaves no trace of the user: under reserve that would be the petitioner. Marked cases are marked again, so
        that a running job that does not see the addition conflicts with this transaction, and one of both starts again.

        :param holders: pairs of a model of `HOLDERS` and an id.
        """
        by_model = defaultdict(set)
        for model, id_ in holders:
            by_model[model].add(id_)
        marked = 0
        for model, ids in by_model.items():
            cases = SQL("%s", tuple(ids))
            if model != "sig.pqrs":
                cases = SQL("(SELECT pqrs_id FROM %s WHERE id IN %s)", SQL.identifier(self.env[model]._table), cases)
            self.env.cr.execute(SQL("UPDATE sig_pqrs SET kept_pending = TRUE WHERE id IN %s", cases))
            marked += self.env.cr.rowcount
        if marked:
            Pqrs = self.env["sig.pqrs"]
            Pqrs.invalidate_model(["kept_pending"], flush=False)
            Pqrs._trigger("sig_pqrs.cron_kept")

    @api.model
    def _cron_keep(self, batch=50):
        """Bind what is pending. Locked cases are tried again in a minute, failed ones after `RETRY_DELAY`."""
        now, Pqrs = clock.now(), self.env["sig.pqrs"]
        pending = Domain("kept_pending", "=", True)
        fresh = pending & Domain("kept_failed_at", "=", False)
        again = pending & Domain("kept_failed_at", "<=", now - RETRY_DELAY)
        found = Pqrs.search(fresh, limit=batch * LOOK_AHEAD, order="id")
        found = found or Pqrs.search(again, limit=batch, order="kept_failed_at, id")
        cases = found.try_lock_for_update(allow_referencing=True, limit=batch) if found else found
        if len(cases) < min(len(found), batch):
            Pqrs._trigger("sig_pqrs.cron_kept", now + timedelta(minutes=1))
        self._postpone(self._bind_pending(cases), now)
        remaining = Pqrs.search_count(fresh | again) if cases else 0
        self.env["ir.cron"]._commit_progress(len(cases), remaining=remaining)

    @api.model
    def _postpone(self, failed, now):
        if not failed:
            return
        _logger.error("What came to these PQRS could not be bound by an act: %s", ", ".join(failed.mapped("name")))
        failed.kept_failed_at = now
        failed.filtered(lambda case: not case.activity_search(["sig_pqrs.activity_chain"]))._notify_director(
            lambda env: env._("No act binds what came to the case: ask who administers Odoo for the cause"),
            activity_type="sig_pqrs.activity_chain",
        )
        failed._trigger("sig_pqrs.cron_kept", now + RETRY_DELAY)

    # -- Binding ----------------------------------------------------------------------------------------------------

    @api.model
    def _bind_pending(self, cases):
        """Bind what is pending in cases.

        :return: the cases that failed.
        """
        return self.env["sig.record.mixin"]._in_isolation(cases.sudo().filtered("kept_pending"), self._bind)

    @api.model
    def _bind(self, cases):
        """Append an act to each case that has files or messages that no act binds."""
        cases = cases.with_user(SUPERUSER_ID)
        cases.write({"kept_pending": False, "kept_failed_at": False})
        cases = cases.filtered(lambda case: not case.anonymized_on)
        data = {}
        for case, contents in self._read_contents(cases, self._get_bound_ids(cases)).items():
            case._ensure_private_salt()
            found = {
                kind: [[id_, self._commit(case, kind, id_, content)] for id_, content in sorted(contents[kind].items())]
                for kind in KINDS
                if contents[kind]
            }
            if found:
                data[case] = found
        return cases.env["sig.pqrs.act"]._append(cases.browse(case.id for case in data), "kept", data=data)

    @api.model
    def _get_bound_ids(self, cases):
        """``{(id of the case, kind): ids}`` of what acts bind already."""
        bound = defaultdict(set)
        for act in self.env["sig.pqrs.act"].sudo().search([("pqrs_id", "in", cases.ids), ("kind", "=", "kept")]):
            for kind, pairs in act.data.items():
                bound[act.pqrs_id.id, kind].update(id_ for id_, _commitment in pairs)
        return bound

    @api.model
    def _read_contents(self, cases, bound=None):
        """What acts bind, as it is now: ``{case: {kind: {id: content}}}``, without lost files.

        The content of ``files`` is their SHA-256, that of ``names`` the name of the file, that of ``messages`` the
        result of `evidence.message_content`.

        :param bound: result of `_get_bound_ids`, which is left out.
        """
        bound = bound or defaultdict(set)
        cases = cases.sudo()
        found = {case: {kind: {} for kind in KINDS} for case in cases}
        for file, case in self._get_files(cases).items():
            if file.id not in bound[case.id, "names"]:
                found[case]["names"][file.id] = file.name
            if file.id not in bound[case.id, "files"] and (sha256 := file._sig_sha256()) != "—":
                found[case]["files"][file.id] = sha256
        for message, case in self._get_messages(cases).items():
            if message.id not in bound[case.id, "messages"]:
                found[case]["messages"][message.id] = evidence.message_content(message._sig_get_bound_values())
        return found

    @api.model
    def _get_files(self, cases):
        """``{attachment: case}``, of cases as superuser."""
        holders = {
            "sig.pqrs": {case.id: case for case in cases},
            "sig.pqrs.identity": {identity.id: identity.pqrs_id for identity in cases.identity_ids},
            "sig.pqrs.communication": {each.id: each.pqrs_id for each in cases.communication_ids},
        }
        domain = Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", list(ids)) for model, ids in holders.items() if ids
        )
        letters = cases.letter_id | cases.communication_ids.letter_id
        files = cases.env["ir.attachment"].search_fetch(domain & Domain("type", "=", "binary"), order="id")
        return {file: holders[file.res_model][file.res_id] for file in files - letters}

    @api.model
    def _get_messages(self, cases):
        """``{message with the petitioner: case}``, of cases as superuser."""
        by_thread = {
            **{("sig.pqrs", case.id): case for case in cases},
            **{("sig.pqrs.identity", identity.id): identity.pqrs_id for identity in cases.identity_ids},
        }
        messages = cases.env["mail.message"].search(cases._get_client_message_domain(), order="id")
        messages.flush_recordset()
        # The cache may hold a body as it was written, not as the database gives it back.
        messages.invalidate_recordset(["body", "date"])
        return {message: by_thread[message.model, message.res_id] for message in messages}

    @api.model
    def _get_salt(self, case, kind, id_):
        """The salt of one file or message, which a pack that holds it tells; empty when it was erased."""
        return act_chain.commit(f"{kind}\x00{id_}", case.private_salt) if case.private_salt else ""

    @api.model
    def _commit(self, case, kind, id_, content):
        return act_chain.commit(content, self._get_salt(case, kind, id_))

    # -- Proof ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_faults(self, case):
        """Files and messages that differ from what acts bind, unless the personal data were erased.

        :return: ``[(number of the act, fault)]``.
        """
        case = case.sudo()
        acts = case.act_ids.filtered(lambda act: act.kind == "kept").sorted("number")
        if not acts or case.anonymized_on:
            return []
        contents = self._read_contents(case)[case]
        faults = {}  # each once, in order
        for act in acts:
            for kind, altered, missing in (
                ("files", "file_altered", "file_missing"),
                ("messages", "message_altered", "message_missing"),
                ("names", "file_renamed", ""),  # a missing file is told once
            ):
                for id_, commitment in act.data.get(kind, ()):
                    if id_ not in contents[kind]:
                        faults[act.number, missing] = None
                    elif self._commit(case, kind, id_, contents[kind][id_]) != commitment:
                        faults[act.number, altered] = None
        return [(number, fault) for number, fault in faults if fault]

    @api.model
    def _get_proofs(self, case, paths, messages):
        """What proves the files and messages of a pack.

        :param dict paths: ``{attachment: member of the pack}``.
        """
        case = case.sudo()
        proofs = [
            {"kind": kind, "id": file.id, "path": path, "salt": self._get_salt(case, kind, file.id), **more}
            for file, path in paths.items()
            for kind, more in (("files", {}), ("names", {"name": file.name}))
        ]
        proofs += [
            {"kind": "messages", "id": message.id, "salt": self._get_salt(case, "messages", message.id)}
            for message in messages
        ]
        return [proof for proof in proofs if proof["salt"]]


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._sig_mark_to_bind()
        return messages

    def write(self, vals):
        result = super().write(vals)
        if "subtype_id" in vals:
            self._sig_mark_to_bind()
        return result

    def _sig_mark_to_bind(self):
        found = self.sudo().filtered(lambda message: message.model in THREADS and message.res_id)
        if found:
            Pqrs = self.env["sig.pqrs"]
            client = (Pqrs._get_subtype_id(FROM_CLIENT), Pqrs._get_subtype_id(TO_CLIENT))
            found = found.filtered(lambda message: message.subtype_id.id in client)
            self.env["sig.case.binding"]._mark({(message.model, message.res_id) for message in found})

    def _sig_get_bound_values(self):
        """What an act binds of the message, and a pack holds: JSON-serializable."""
        self.ensure_one()
        return {
            "id": self.id,
            "date": fields.Datetime.to_string(self.date),
            "from": self.email_from or "",
            "by_petitioner": self.subtype_id.id == self.env["sig.pqrs"]._get_subtype_id(FROM_CLIENT),
            "subject": self.subject or "",
            "body": str(self.body or ""),
        }


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._sig_mark_to_bind()
        return files

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("res_model", "res_id")):
            self._sig_mark_to_bind()
        return result

    def _sig_mark_to_bind(self):
        found = self.sudo().filtered(lambda file: file.res_model in HOLDERS and file.res_id)
        self.env["sig.case.binding"]._mark({(file.res_model, file.res_id) for file in found})
