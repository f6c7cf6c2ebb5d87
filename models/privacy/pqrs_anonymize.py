from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import clock
from ..people.pqrs_identity import IDENTITY_FIELDS

#: rules of repetition that tell who asked, or where: see `finding_rules`
PERSONAL_KEYS = ("repetition:client_id:", "repetition:site:")

#: what is written where a text is required
PLACEHOLDER = object()

#: see `_get_personal_fields`
PERSONAL = {
    "sig.pqrs": {
        "subject": PLACEHOLDER,
        **dict.fromkeys(name for name in IDENTITY_FIELDS if name != "person_type"),
        **dict.fromkeys(
            (
                "email_key",
                "document_key",
                "description",
                "remedy",
                "site",
                "identity_evidence",
                "private_salt",
                "rating_reason",
                "response_opening",
                "response_closing",
                "response",
            )
        ),
    },
    "sig.pqrs.identity": dict.fromkeys((*IDENTITY_FIELDS, "email_key", "document_key", "client_id", "act_users")),
    "sig.pqrs.assignment": dict.fromkeys(("instruction", "response")),
    "sig.pqrs.communication": dict.fromkeys(("subject", "body", "reference", "received_by", "failure")),
    "sig.pqrs.request": {"name": PLACEHOLDER, "answer": None},
    "sig.pqrs.commitment": {"name": PLACEHOLDER, "evidence": None},
    "sig.pqrs.mail": dict.fromkeys(("sender", "recipients", "subject", "message_ident", "failure")),
}


class PqrsAnonymize(models.Model):
    """Erase what a case tells of people, and keep what statistics, reports and the chain of acts need.

    Names, documents, addresses, texts, messages, mails and files go. Type, reason, channel, processes, dates, terms,
    outcome and stars stay, and so do the acts: without their texts, which the chain holds as salted commitments. The
    act of the erasing has the SHA-256 of the files, and the numbers of the acts whose user was the petitioner.
    """

    _inherit = "sig.pqrs"

    # -- Nothing more is done with it -------------------------------------------------------------------------------

    def _check_transition(self, name):
        if erased := self.sudo().filtered("anonymized_on"):
            raise UserError(
                self.env._(
                    "The personal data of %s were erased: nothing more is done with it.",
                    ", ".join(erased.mapped("name")),
                )
            )
        return super()._check_transition(name)

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "anonymized_on"]

    def _compute_allowed_transitions(self):
        result = super()._compute_allowed_transitions()
        self.filtered("anonymized_on").allowed_transitions = []
        return result

    def _check_write_values(self, vals):
        if erased := self.filtered("anonymized_on"):
            raise UserError(
                self.env._(
                    "The personal data of %s were erased: it does not change any more.",
                    ", ".join(erased.mapped("name")),
                )
            )
        return super()._check_write_values(vals)

    @api.model
    def _get_personal_fields(self):
        """``{model: {field: None, or PLACEHOLDER where a text is required}}`` of what tells of people. Hook.

        What is not here stays, and statistics count it. The models have the case as ``pqrs_id``.
        """
        return {model: dict(names) for model, names in PERSONAL.items()}

    # -- Erasing ----------------------------------------------------------------------------------------------------

    def _anonymize(self, note, data):
        """Erase the personal data of cases, and append the act of it; the right to has been proven.

        :param str note: of the act; without personal data.
        :param dict data: of the act.
        :raises UserError: for a case whose personal data must stay.
        """
        # Read together, though the cache of where they come from is emptied on the way.
        cases = self.sudo().with_context(tracking_disable=True, mail_create_nolog=True).with_prefetch()
        self.env["sig.pqrs.act"]._lock_heads(cases)
        cases.invalidate_recordset()
        for case in cases:
            if refusal := case._get_anonymization_refusal():
                raise UserError(self.env._("%(case)s: %(why)s", case=case.name, why=refusal))
        cases._void_communications()  # nobody can be told anything any more
        holders = cases._get_personal_records()
        facts = {case: dict(data) for case in cases}
        for case, sealed in cases._erase_actors().items():
            facts[case]["sealed"] = sealed
        for part in (
            cases._erase_files(holders),
            cases._erase_messages(holders),
            cases._erase_mails(holders["sig.pqrs.mail"]),
        ):
            for case, values in part.items():
                facts[case].update(values)
        cases._erase_ratings()
        cases._erase_packs()
        cases.env["sig.person.export"]._clear_person(cases=cases)
        cases.env["sig.anonymization"]._clear_person(cases)
        cases._erase_consents()
        cases._erase_findings()
        cases.identity_ids.text_ids.unlink()
        cases._erase_texts(holders)
        cases.act_ids._erase_persons()
        cases.env.invalidate_all()
        cases.write({"anonymized_on": clock.now()})
        self.env["sig.pqrs.act"]._append(self, "anonymized", notes=dict.fromkeys(self, note), data=facts)

    def _get_personal_records(self):
        """``{model: records}`` of the cases that tell of people."""
        holders = {"sig.pqrs": self}
        for model in self._get_personal_fields().keys() - holders.keys():
            records = self.env[model].with_context(active_test=False)
            holders[model] = records.search([("pqrs_id", "in", self.ids)])
        return holders

    def _get_case_by_holder(self, holders):
        """``{(model, id): case}``."""
        return {
            (model, record.id): record if model == self._name else record.pqrs_id
            for model, records in holders.items()
            for record in records
        }

    def _erase_actors(self):
        """Take the petitioner's user out of acts and of whoever made or changed the records.

        :return: ``{case: numbers of the acts without their user}``.
        """
        users = {case: case._get_petitioner_users().filtered(lambda user: not user._is_public()) for case in self}
        acts = self.act_ids.filtered(lambda act: act.user_id & users[act.pqrs_id])
        numbers = {case: set(map(int, case.identity_ids.act_users or {})) for case in self}
        for act in acts:
            numbers[act.pqrs_id].add(act.number)
        acts._clear_users()
        outsiders = self.env["res.users"].union(*users.values()).filtered("share")
        self._hide_users(outsiders)
        # One of ours may have asked in one case and worked on another.
        for own, cases in self.grouped(lambda case: users[case] - outsiders).items():
            cases._hide_users(own)
        return {case: sorted(found) for case, found in numbers.items() if found}

    def _erase_files(self, holders):
        """Delete the files of the cases, and forget those that they link.

        :return: ``{case: digests of the files}``: their SHA-256, and the SHA-1 by which acts name them.
        """
        by_holder = self._get_case_by_holder(holders)
        of_holders = self.env["sig.erasure"]._get_holder_domain(holders, "res_model")
        files = self.env["ir.attachment"].search(of_holders, order="id")
        digests = {}
        for file in files.filtered(lambda file: file.type == "binary"):
            found = digests.setdefault(by_holder[file.res_model, file.res_id], {"files": [], "erased": []})
            found["files"].append(file._sig_sha256())
            found["erased"].append(file.checksum)
        files.unlink()
        for model, records in holders.items():
            for name, field in self.env[model]._fields.items():
                if field.comodel_name == "ir.attachment" and field.type == "many2many" and field.store:
                    records.filtered(name)[name] = False
        return digests

    def _erase_messages(self, holders):
        """Delete what was said on the cases, and on what is of them.

        :return: ``{case: number of messages}``.
        """
        by_holder = self._get_case_by_holder(holders)
        counts = Counter()
        for holder, number in self.env["sig.erasure"]._erase_threads(holders).items():
            counts[by_holder[holder]] += number
        return {case: {"messages": number} for case, number in counts.items()}

    def _erase_mails(self, mails):
        """Take the original out of mails that came and left: that they did, and when, stays known.

        :return: ``{case: number of mails}``.
        """
        mails.filtered("raw").raw = False
        return {case: {"mails": len(theirs)} for case, theirs in mails.grouped("pqrs_id").items()}

    def _erase_ratings(self):
        """Take from ratings who gave them and what they said; the stars stay."""
        self.rating_ids.write({"partner_id": False, "feedback": False, "publisher_comment": False})

    def _erase_consents(self):
        """Cut the link between people and cases in the proof of what they were told and answered.

        What a contact answered about surveys stays with the contact: a no must outlive the case.
        """
        self.env["sig.privacy.consent"].flush_model()
        ids = tuple(self.ids)
        self.env.cr.execute(
            SQL(
                "UPDATE sig_privacy_consent SET pqrs_id = NULL "
                "WHERE pqrs_id IN %s AND subject = 'surveys' AND partner_id IS NOT NULL",
                ids,
            )
        )
        self.env.cr.execute(SQL("UPDATE sig_privacy_consent SET partner_id = NULL WHERE pqrs_id IN %s", ids))

    def _erase_packs(self):
        """Take the files of the evidence packs of the cases before their time, and what people noted on them.

        One that is being made meets this: the job makes it again, of what is left.
        """
        packs = self.env["sig.evidence.pack"].search([("case_ids", "in", self.ids)])
        if waiting := packs.filtered(lambda pack: pack.state == "waiting"):
            self.env.cr.execute(
                SQL("UPDATE sig_evidence_pack SET state = state WHERE id IN %s", tuple(sorted(waiting.ids)))
            )
        self.env["sig.erasure"]._erase_notes({packs._name: packs})
        packs = packs.filtered("attachment_id")
        packs.attachment_id.unlink()
        packs.filtered(lambda pack: pack.state == "ready").state = "expired"

    def _erase_texts(self, holders):
        """Erase fields, past the guards and computes of their models: what is erased has no consequences."""
        self.env.flush_all()
        erased = self.env["sig.erasure"]._get_erased_text(self.company_id[:1])
        for model, names in self._get_personal_fields().items():
            ids = holders[model].ids
            if not ids:
                continue
            table = SQL.identifier(self.env[model]._table)
            texts = {name: erased if text is PLACEHOLDER else None for name, text in names.items()}
            values = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), text) for name, text in texts.items())
            self.env.cr.execute(SQL("UPDATE %s SET %s WHERE id IN %s", table, values, tuple(ids)))
        # A company is no person: what its cases were stays known. The code that the petitioner has opens nothing more.
        self.env.cr.execute(
            SQL(
                """UPDATE sig_pqrs SET tracking_revision = COALESCE(tracking_revision, 0) + 1,
                          client_id = (SELECT id FROM res_partner WHERE id = client_id AND is_company)
                    WHERE id IN %s""",
                tuple(self.ids),
            )
        )
        self.env.invalidate_all()

    def _erase_findings(self):
        """Erase what findings repeat of the people of their cases, and plans repeat of findings.

        A client that is a company is no person: what is told of it stays.
        """
        findings = self.env["sig.finding"].search([("case_ids", "in", self.ids), ("kind", "=", "repetition")])
        for finding in findings:
            cases = finding.with_context(active_test=False).case_ids
            people = cases.client_id.filtered(lambda client: not client.is_company)
            by_rule = finding.key.startswith(PERSONAL_KEYS)
            if not by_rule or (finding.key.startswith(PERSONAL_KEYS[0]) and cases.client_id and not people):
                continue
            erased = self.env["sig.erasure"]._get_erased_text(finding.company_id)
            words = {finding.name, finding.reference, *(cases & self).mapped("site"), *people.mapped("display_name")}
            plan = finding.plan_id
            holders = {records._name: records for records in (finding, plan, plan.line_ids) if records}
            told = finding.reference
            finding.write(
                {
                    "key": f"repetition:erased:{finding.id}",
                    "reference": erased,
                    "name": finding.name.replace(told, erased) if told and told in finding.name else erased,
                }
            )
            self.env["sig.erasure"]._erase_words(holders, words, erased)
