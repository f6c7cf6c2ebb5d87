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

#: models whose files are bound by the acts: what comes to them stays (see `kept_files`)
HOLDERS = ("sig.pqrs", "sig.pqrs.identity", "sig.pqrs.communication")

#: when what failed is tried again, and how many batches are looked at for cases that nobody is writing
KEEP_AGAIN = timedelta(hours=6)
LOOK_AHEAD = 20

#: what an act binds
KINDS = ("messages", "files", "names")

#: where messages with the petitioner are
THREADS = ("sig.pqrs", "sig.pqrs.identity")


class PqrsKept(models.Model):
    """Messages with the petitioner and files of a case are proved by its chain of acts.

    What comes to a case marks it, and a job that starts at once appends an act with a commitment to it, and to names of
    files apart (``names``; acts of before it have none, and are bound by the next that is appended). It is salted
    with the private salt of the case: it tells nothing to who has only the act, and nothing can be proved by it once
    the personal data are erased. The letter and its annexes are bound by the acts of sending and approving.
    """

    _inherit = "sig.pqrs"

    kept_pending = fields.Boolean(
        "To be bound by an act", readonly=True, help="Files or messages came that no act binds yet."
    )
    kept_failed_at = fields.Datetime("Could not be bound on", readonly=True)
    _kept_pending_index = models.Index("(id) WHERE kept_pending IS TRUE")

    # -- Noticing ---------------------------------------------------------------------------------------------------

    @api.model
    def _mark_to_bind(self, holders):
        """Have the job bind what came to the cases of records.

        It leaves no trace of who brought it: under reserve that would be the petitioner. A case that is marked already
        is marked again: a job that does not see what came meets this transaction, and one of both starts again.

        :param holders: pairs of the name of a model and an id.
        """
        by_model = defaultdict(set)
        for model, id_ in holders:
            by_model[model].add(id_)
        marked = 0
        for model, ids in by_model.items():
            cases = SQL("%s", tuple(ids))
            if model != self._name:
                cases = SQL("(SELECT pqrs_id FROM %s WHERE id IN %s)", SQL.identifier(self.env[model]._table), cases)
            self.env.cr.execute(SQL("UPDATE sig_pqrs SET kept_pending = TRUE WHERE id IN %s", cases))
            marked += self.env.cr.rowcount
        if marked:
            self.invalidate_model(["kept_pending"], flush=False)
            self._trigger("sig_pqrs.cron_kept")

    @api.model
    def _cron_keep(self, batch=50):
        """Bind what came to cases; one that is being written waits a minute, and one that fails some hours, while those
        behind it go on.
        """
        now = clock.now()
        pending = Domain("kept_pending", "=", True)
        fresh = pending & Domain("kept_failed_at", "=", False)
        again = pending & Domain("kept_failed_at", "<=", now - KEEP_AGAIN)
        found = self.search(fresh, limit=batch * LOOK_AHEAD, order="id")
        found = found or self.search(again, limit=batch, order="kept_failed_at, id")
        cases = found.try_lock_for_update(allow_referencing=True, limit=batch) if found else found
        if len(cases) < min(len(found), batch):
            self._trigger("sig_pqrs.cron_kept", now + timedelta(minutes=1))
        self._postpone(cases._bind_pending(), now)
        remaining = self.search_count(fresh | again) if cases else 0
        self.env["ir.cron"]._commit_progress(len(cases), remaining=remaining)

    @api.model
    def _postpone(self, failed, now):
        """Try what could not be bound later, and tell the SIG of it once."""
        if not failed:
            return
        _logger.error("What came to these PQRS could not be bound by an act: %s", ", ".join(failed.mapped("name")))
        failed.kept_failed_at = now
        untold = failed.filtered(lambda case: not case.activity_search(["sig_pqrs.activity_chain"]))
        untold._notify_director(
            lambda env: env._("No act binds what came to the case: ask who administers Odoo for the cause"),
            activity_type="sig_pqrs.activity_chain",
        )
        self._trigger("sig_pqrs.cron_kept", now + KEEP_AGAIN)

    def _bind_pending(self):
        """Bind what came to the cases, one apart from the other when something fails.

        :return: those that failed.
        """
        pending = self.sudo().filtered("kept_pending")
        return self._in_isolation(pending, lambda records: records._bind())

    # -- Binding ----------------------------------------------------------------------------------------------------

    def _bind(self):
        """An act on each case that has files or messages which none binds yet."""
        cases = self.with_user(SUPERUSER_ID)
        cases.write({"kept_pending": False, "kept_failed_at": False})
        cases = cases.filtered(lambda case: not case.anonymized_on)
        known = cases._get_kept_ids()
        data = {}
        for case, kept in cases._read_kept(known).items():
            case._ensure_private_salt()
            found = {
                kind: [[id_, case._commit_kept(kind, id_, content)] for id_, content in sorted(kept[kind].items())]
                for kind in KINDS
            }
            if any(found.values()):
                data[case] = {kind: pairs for kind, pairs in found.items() if pairs}
        return cases.env["sig.pqrs.act"]._append(cases.browse(case.id for case in data), "kept", data=data)

    def _get_kept_ids(self):
        """``{(id of the case, kind): ids}`` of what acts bind already."""
        known = defaultdict(set)
        for act in self.env["sig.pqrs.act"].sudo().search([("pqrs_id", "in", self.ids), ("kind", "=", "kept")]):
            for kind, pairs in act.data.items():
                known[act.pqrs_id.id, kind].update(id_ for id_, _commitment in pairs)
        return known

    def _read_kept(self, known=None):
        """What acts bind, as it is now: ``{case: {kind: {id: content}}}``. The content of ``files`` is their SHA-256,
        that of ``names`` the name of the file, that of ``messages`` what `evidence.message_content` gives.

        Files whose content is lost are left out, but for their names.

        :param known: what `_get_kept_ids` gives, which is left out, and whose files are not read again.
        """
        known = known or defaultdict(set)
        found = {case: {kind: {} for kind in KINDS} for case in self.sudo()}
        for file, case in self._get_kept_files().items():
            if file.id not in known[case.id, "names"]:
                found[case]["names"][file.id] = file.name
            if file.id in known[case.id, "files"]:
                continue
            if (sha256 := file._sig_sha256()) != "—":
                found[case]["files"][file.id] = sha256
        for case, id_, content in self._read_kept_messages():
            if id_ not in known[case.id, "messages"]:
                found[case]["messages"][id_] = content
        return found

    def _get_kept_files(self):
        """``{attachment: case}`` of the files that acts bind."""
        cases = self.sudo()
        holders = {
            "sig.pqrs": {case.id: case for case in cases},
            "sig.pqrs.identity": {identity.id: identity.pqrs_id for identity in cases.identity_ids},
            "sig.pqrs.communication": {each.id: each.pqrs_id for each in cases.communication_ids},
        }
        domain = Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", list(ids)) for model, ids in holders.items() if ids
        )
        files = cases.env["ir.attachment"].search_fetch(domain & Domain("type", "=", "binary"), order="id")
        letters = cases.letter_id | cases.communication_ids.letter_id
        return {file: holders[file.res_model][file.res_id] for file in files if file not in letters}

    def _read_kept_messages(self):
        """Yield ``(case, id, content)`` of the messages with the petitioner, as they are stored."""
        cases = self.sudo()
        by_thread = {
            **{("sig.pqrs", case.id): case for case in cases},
            **{("sig.pqrs.identity", identity.id): identity.pqrs_id for identity in cases.identity_ids},
        }
        messages = cases.env["mail.message"].search(cases._get_client_message_domain(), order="id")
        messages.flush_recordset()
        # What the cache holds of a body is not yet what it is read as from the database.
        messages.invalidate_recordset(["body", "date"])
        for message in messages:
            yield by_thread[message.model, message.res_id], message.id, message._sig_get_kept_content()

    def _get_kept_salt(self, kind, id_):
        """The salt of one file or message, which a pack that holds it tells; none of what is erased."""
        self.ensure_one()
        salt = self.sudo().private_salt
        return act_chain.commit(f"{kind}\x00{id_}", salt) if salt else ""

    def _commit_kept(self, kind, id_, content):
        """What an act holds of a file or a message."""
        return act_chain.commit(content, self._get_kept_salt(kind, id_))

    # -- Proof ------------------------------------------------------------------------------------------------------

    def _get_kept_faults(self):
        """Files and messages that are not what the acts say, ``[(number of the act, fault)]``.

        What was erased with the personal data is not looked for.
        """
        self.ensure_one()
        case = self.sudo()
        acts = case.act_ids.filtered(lambda act: act.kind == "kept").sorted("number")
        if not acts or case.anonymized_on:
            return []
        kept = case._read_kept()[case]
        faults = []
        for act in acts:
            for kind, altered, missing in (
                ("files", "file_altered", "file_missing"),
                ("messages", "message_altered", "message_missing"),
                ("names", "file_renamed", ""),
            ):
                for id_, commitment in act.data.get(kind, ()):
                    if id_ not in kept[kind]:
                        fault = missing  # of a name, the file tells it
                    elif case._commit_kept(kind, id_, kept[kind][id_]) != commitment:
                        fault = altered
                    else:
                        continue
                    if fault and (act.number, fault) not in faults:
                        faults.append((act.number, fault))
        return faults

    # -- What a pack holds of it ------------------------------------------------------------------------------------

    def _get_kept_proofs(self, paths, messages):
        """What proves the files and messages of a pack.

        :param dict paths: ``{attachment: member of the pack}``.
        :param messages: those in the member of the messages.
        """
        proofs = [
            {"kind": kind, "id": file.id, "path": path, "salt": self._get_kept_salt(kind, file.id), **more}
            for file, path in paths.items()
            for kind, more in (("files", {}), ("names", {"name": file.name}))
        ]
        proofs += [
            {"kind": "messages", "id": message.id, "salt": self._get_kept_salt("messages", message.id)}
            for message in messages
        ]
        return [proof for proof in proofs if proof["salt"]]

    @api.model
    def _describe_kept_messages(self, messages):
        """What a pack holds of messages, as JSON-serializable values: what the acts bind, and nothing else."""
        return [message._sig_get_kept_values() for message in messages]


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
        """Messages with the petitioner are bound by an act of their case."""
        found = self.sudo().filtered(lambda message: message.model in THREADS and message.res_id)
        if found:
            Pqrs = self.env["sig.pqrs"]
            client = (Pqrs._get_subtype_id(FROM_CLIENT), Pqrs._get_subtype_id(TO_CLIENT))
            found = found.filtered(lambda message: message.subtype_id.id in client)
            Pqrs._mark_to_bind({(message.model, message.res_id) for message in found})

    def _sig_get_kept_values(self):
        """What an act binds of the message."""
        self.ensure_one()
        return {
            "id": self.id,
            "date": fields.Datetime.to_string(self.date),
            "from": self.email_from or "",
            "by_petitioner": self.subtype_id.id == self.env["sig.pqrs"]._get_subtype_id(FROM_CLIENT),
            "subject": self.subject or "",
            "body": str(self.body or ""),
        }

    def _sig_get_kept_content(self):
        return evidence.message_content(self._sig_get_kept_values())


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
        """Files of a case are bound by an act of it."""
        found = self.sudo().filtered(lambda file: file.res_model in HOLDERS and file.res_id)
        self.env["sig.pqrs"]._mark_to_bind({(file.res_model, file.res_id) for file in found})
