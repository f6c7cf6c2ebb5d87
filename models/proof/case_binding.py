from collections import defaultdict

from odoo import models
from odoo.fields import Domain

from ...tools import act_chain, evidence

#: models whose files are bound by acts
HOLDERS = ("sig.pqrs", "sig.pqrs.identity", "sig.pqrs.communication", "sig.pqrs.answer")

#: faults of what acts bind when it is altered, and when it is missing; a missing file is told once
FAULTS = {
    "files": ("file_altered", "file_missing"),
    "messages": ("message_altered", "message_missing"),
    "communications": ("message_altered", "message_missing"),
    "names": ("file_renamed", ""),
}


class CaseBinding(models.AbstractModel):
    """Binds files of cases, and texts from and to petitioners, to the chain of acts.

    The act of the step that brings them holds, in its data, a commitment to each text, to the content of each file and
    to its name. What comes otherwise, as a file that a user puts on a case, is an act of its own, in its transaction.
    Commitments are salted with the private salt of the case: an act alone tells nothing, and proves nothing once the
    personal data are erased.
    """

    _name = "sig.case.binding"
    _description = "Binding of Files and Messages"

    def _record_missing(self, cases):
        cases = cases.filtered("act_number")  # the first act binds what comes with the petition
        data = self._bind_missing(cases)
        return self.env["sig.pqrs.act"]._append(cases.filtered(lambda case: case in data), "files_added", data=data)

    def _bind_missing(self, cases):
        """``{case: data}`` that binds the files of cases that no act binds; without cases that lack nothing."""
        cases = cases.sudo().filtered(lambda case: not case.anonymized_on)
        bound, missing = self._get_bound_ids(cases), defaultdict(cases.env["ir.attachment"].browse)
        for file, case in self._get_files(cases).items():
            if any(file.id not in bound[case.id, kind] for kind in ("files", "names")):
                missing[case] |= file
        data = self._bind_each({case: {"files": files} for case, files in missing.items()})
        return {case: found for case, found in data.items() if found}

    def _bind_records(self, case, files=None, communications=None):
        """What an act that records files and texts of a case holds of them, to merge in its data.

        :param files: attachments of the case or of its parts; the lost ones are left out.
        :param communications: whose text does not change any more.
        :return: ``{kind: [[id, commitment]]}``, without empty kinds.
        """
        return self._bind_each({case: {"files": files, "communications": communications}})[case]

    def _bind_each(self, records):
        """As `_bind_records`, of ``{case: its arguments by name}``, or ``messages``."""
        for kind in evidence.BOUND_TEXTS:
            self._forget(*(found.get(kind) for found in records.values()))
        bound = {}
        for case, found in records.items():
            case_sudo = case.sudo()
            contents = self._read_records(**{kind: texts and texts.sudo() for kind, texts in found.items()})
            if any(contents.values()):
                case_sudo._ensure_private_salt()
            bound[case] = {
                kind: [[id_, self._commit(case_sudo, kind, id_, text)] for id_, text in sorted(texts.items())]
                for kind, texts in contents.items()
                if texts
            }
        return bound

    def _forget(self, *texts):
        """Have texts read as the database gives them back: the cache may hold them as they were written."""
        if texts := [found for found in texts if found]:
            texts[0].union(*texts).sudo().invalidate_recordset(["subject", "body", "date"])

    def _read_records(self, files=None, communications=None, messages=None):
        """``{kind: {id: content}}`` as it is now, of records as superuser: SHA-256 of ``files``, their name for
        ``names``, the result of `evidence.message_content` for texts.
        """
        contents = {kind: {} for kind in evidence.BOUND}
        for file in files or ():
            if (sha256 := file._sig_sha256()) != "—":
                contents["files"][file.id] = sha256
                contents["names"][file.id] = file.name
        for kind, texts in (("communications", communications), ("messages", messages)):
            for text in texts or ():
                contents[kind][text.id] = evidence.message_content(text._sig_get_bound_values())
        return contents

    def _get_bound_ids(self, cases):
        """``{(id of the case, kind): ids}`` of what acts bind already."""
        bound = defaultdict(set)
        acts = self.env["sig.pqrs.act"].sudo().search_fetch([("pqrs_id", "in", cases.ids)], ["pqrs_id", "data"])
        for act in acts:
            for kind in evidence.BOUND:
                bound[act.pqrs_id.id, kind].update(id_ for id_, _commitment in evidence.get_bound(act.data or {}, kind))
        return bound

    def _get_files(self, cases):
        """``{attachment: case}``, of cases as superuser; letters are bound by the act that sends them."""
        # Searched: what a step creates next would be the last of a one2many that is read already, whatever its order.
        of_cases = [("pqrs_id", "in", cases.ids)]
        parts = {model: cases.env[model].search(of_cases) for model in HOLDERS if model != cases._name}
        holders = {cases._name: {case.id: case for case in cases}}
        holders |= {model: {each.id: each.pqrs_id for each in records} for model, records in parts.items()}
        domain = Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", list(ids)) for model, ids in holders.items() if ids
        )
        letters = cases.letter_id | parts["sig.pqrs.communication"].letter_id | parts["sig.pqrs.answer"].letter_id
        files = cases.env["ir.attachment"].search_fetch(domain & Domain("type", "=", "binary"), order="id")
        return {file: holders[file.res_model][file.res_id] for file in files - letters}

    def _get_salt(self, case, kind, id_):
        """The salt of one file or message, which a pack that holds it tells; empty when it was erased."""
        return act_chain.commit(f"{kind}\x00{id_}", case.private_salt) if case.private_salt else ""

    def _commit(self, case, kind, id_, content):
        return act_chain.commit(content, self._get_salt(case, kind, id_))

    def _get_faults(self, case):
        """``[(number of the act, fault)]`` of what differs from what acts bind, unless the data were erased."""
        case = case.sudo()
        if case.anonymized_on:
            return []
        bound = [
            (act.number, kind, id_, commitment)
            for act in case.act_ids.sorted("number")
            for kind in FAULTS
            for id_, commitment in evidence.get_bound(act.data or {}, kind)
        ]
        contents = self._read_bound(case, bound)
        faults = {}  # each once, in order
        for number, kind, id_, commitment in bound:
            altered, missing = FAULTS[kind]
            if id_ not in contents[kind]:
                faults[number, missing] = None
            elif self._commit(case, kind, id_, contents[kind][id_]) != commitment:
                faults[number, altered] = None
        return [(number, fault) for number, fault in faults if fault]

    def _read_bound(self, case, bound):
        """What acts bind, as `_read_records`, as far as it still belongs to the case."""
        ids = defaultdict(set)
        for _number, kind, id_, _commitment in bound:
            ids[kind].add(id_)
        files = case.env["ir.attachment"].browse(ids["files"] | ids["names"]).exists()
        communications = case.communication_ids.filtered(lambda each: each.id in ids["communications"])
        messages = self._filter_texts(case, case.env["mail.message"].browse(ids["messages"]).exists())
        self._forget(communications)
        self._forget(messages)
        return self._read_records(
            files.filtered(lambda file: file.type == "binary" and self._get_owner(file) == case),
            communications,
            messages,
        )

    def _filter_texts(self, case, messages):
        """Those of the messages that are mails to the petitioner of a case, or with them on its pages."""
        threads = {("sig.pqrs", case.id), *(("sig.pqrs.identity", identity.id) for identity in case.identity_ids)}
        with_client = case.communication_ids.message_id
        return messages.filtered(
            lambda message: (
                message in with_client
                or (message.message_type == "email_outgoing" and (message.model, message.res_id) in threads)
            )
        )

    def _get_bound_messages(self, case):
        case = case.sudo()
        ids = self._get_bound_ids(case)[case.id, "messages"]
        return self._filter_texts(case, case.env["mail.message"].browse(ids).exists())

    def _get_owner(self, file):
        return self.env["sig.record.mixin"]._get_case_of(file.res_model, file.res_id)

    def _get_proofs(self, case, paths, **texts):
        """What proves the files, ``{attachment: member}``, and texts, records by kind, of a pack."""
        case = case.sudo()
        proofs = [
            {"kind": kind, "id": file.id, "path": path, "salt": self._get_salt(case, kind, file.id), **more}
            for file, path in paths.items()
            for kind, more in (("files", {}), ("names", {"name": file.name}))
        ]
        proofs += [
            {"kind": kind, "id": text.id, "salt": self._get_salt(case, kind, text.id)}
            for kind, records in texts.items()
            for text in records
        ]
        return [proof for proof in proofs if proof["salt"]]
