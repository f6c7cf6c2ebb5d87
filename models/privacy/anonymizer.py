import re
from collections import Counter

from markupsafe import escape

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import clock
from ..people.pqrs_identity import IDENTITY_FIELDS

#: keys of repetition findings whose reference names a client or a site (see `finding_rules`)
CLIENT_KEY, SITE_KEY = "repetition:client_id:", "repetition:site:"

#: what records have, and the field in which it names their model, beside ``res_id``
PLACES = {
    **dict.fromkeys(("mail.message", "mail.scheduled.message"), "model"),
    **dict.fromkeys(("mail.activity", "mail.followers", "ir.attachment"), "res_model"),
}

#: value of a text that is required
PLACEHOLDER = object()

#: ``{model: {field: None or PLACEHOLDER}}``: the personal data of a case, in models that have it as ``pqrs_id``
PERSONAL = {
    "sig.pqrs": {
        "subject": PLACEHOLDER,
        **dict.fromkeys(name for name in IDENTITY_FIELDS if name != "person_type"),
        **dict.fromkeys(("email_key", "document_key", "description", "remedy", "site", "identity_evidence")),
        **dict.fromkeys(("private_salt", "rating_reason", "response_opening", "response_closing", "response")),
    },
    "sig.pqrs.identity": dict.fromkeys((*IDENTITY_FIELDS, "email_key", "document_key", "client_id", "act_users")),
    "sig.pqrs.assignment": dict.fromkeys(("instruction", "response")),
    "sig.pqrs.answer": dict.fromkeys(("opening", "closing", "body", "rating_reason")),
    "sig.pqrs.communication": dict.fromkeys(("subject", "body", "email_from", "reference", "received_by", "failure")),
    "sig.pqrs.request": {"name": PLACEHOLDER, "answer": None},
    "sig.pqrs.commitment": {"name": PLACEHOLDER, "evidence": None},
    "sig.pqrs.mail": dict.fromkeys(("sender", "recipients", "subject", "message_ident", "failure")),
    "sig.whatsapp.part": {"digest": None},
}  # fmt: skip


class Anonymizer(models.AbstractModel):
    """Deletes or empties personal data of cases and surveys, as superuser; callers have proven the right to.

    Type, reason, channel, processes, dates, terms, outcome and stars of a case stay, and so do its acts: without their
    texts, which the chain holds as salted commitments. The act `anonymized` holds the SHA-256 of the deleted files and
    the numbers of the acts whose user was the petitioner. In methods, ``holders`` is ``{model: records}``.
    """

    _name = "sig.anonymizer"
    _description = "Anonymization of Cases and Surveys"

    def _anonymize_cases(self, cases, note, data):
        """Erase the personal data of cases, in the name of their environment's user.

        :param str note: of the act; without personal data.
        :param dict data: of the act.
        :raises UserError: for a case that must keep its personal data.
        """
        ordered = cases
        cases = cases.sudo()._sig_as_step().with_context(tracking_disable=True, mail_create_nolog=True).with_prefetch()
        self = self.with_env(cases.env)
        Act = self.env["sig.pqrs.act"]
        Act._lock_heads(cases)
        cases.invalidate_recordset()
        for case in cases:
            if refusal := case._get_anonymization_refusal():
                raise UserError(self.env._("%(case)s: %(why)s", case=case.name, why=refusal))
        cases._void_communications()  # nothing is sent any more
        holders = self._get_holders(cases)
        facts = {case: dict(data) for case in cases}
        mails = holders["sig.pqrs.mail"]
        mails.filtered("raw").raw = False  # that they came or left, and when, stays
        for found in (
            self._seal_actors(cases),
            self._delete_files(holders),
            self._delete_messages(holders),
            {case: {"mails": len(theirs)} for case, theirs in mails.grouped("pqrs_id").items()},
        ):
            for case, values in found.items():
                facts[case].update(values)
        cases.rating_ids.write(dict.fromkeys(("partner_id", "feedback", "publisher_comment", "access_token"), False))
        self._expire_packs(cases)
        self.env["sig.person.export"]._clear_person(cases=cases)
        self.env["sig.anonymization"]._clear_person(cases)
        self._unlink_consents(cases)
        self._anonymize_findings(cases)
        cases.identity_ids.text_ids.unlink()
        self._empty_fields(cases, holders)
        cases.act_ids._erase_persons()
        self.env.invalidate_all()
        cases.write({"anonymized_on": clock.now()})
        Act.with_env(ordered.env)._append(ordered, "anonymized", notes=dict.fromkeys(ordered, note), data=facts)

    def _get_holders(self, cases):
        holders = {"sig.pqrs": cases}
        for model in PERSONAL.keys() - holders.keys():
            records = cases.env[model].with_context(active_test=False)
            holders[model] = records.search([("pqrs_id", "in", cases.ids)])
        return holders

    def _seal_actors(self, cases):
        """Take the petitioner's user out of acts and records; return ``{case: {"sealed": numbers of acts}}``."""
        Identity = cases.env["sig.pqrs.identity"]
        users = {
            case: Identity._get_petitioner_users(case).filtered(lambda user: not user._is_public()) for case in cases
        }
        acts = cases.act_ids.filtered(lambda act: act.user_id & users[act.pqrs_id])
        numbers = {case: set(map(int, case.identity_ids.act_users or {})) for case in cases}
        for act in acts:
            numbers[act.pqrs_id].add(act.number)
        acts._clear_users()
        outsiders = self.env["res.users"].union(*users.values()).filtered("share")
        self._hide_users(cases, outsiders)
        # One of ours may have asked in one case and worked on another.
        for own, theirs in cases.grouped(lambda case: users[case] - outsiders).items():
            self._hide_users(theirs, own)
        return {case: {"sealed": sorted(found)} for case, found in numbers.items() if found}

    def _hide_users(self, cases, users):
        if not users:
            return
        holders = self._get_holders(cases)
        found = [*holders.values(), cases.act_ids, cases.rating_ids]
        found += [self._find(model, holders) for model in ("ir.attachment", "mail.activity", "mail.message")]
        found.append(cases.env["mail.mail"].search([("mail_message_id", "in", found[-1].ids)]))
        self.env.flush_all()
        for records in filter(None, found):
            for fname in ("create_uid", "write_uid"):
                table, field = SQL.identifier(records._table), SQL.identifier(fname)
                theirs = SQL("id = ANY(%s) AND %s = ANY(%s)", records.ids, field, users.ids)
                self.env.cr.execute(SQL("UPDATE %s SET %s = %s WHERE %s", table, field, SUPERUSER_ID, theirs))

    def _map_cases(self, holders):
        return {
            (model, record.id): record if model == "sig.pqrs" else record.pqrs_id
            for model, records in holders.items()
            for record in records
        }

    def _delete_files(self, holders):
        """Return ``{case: {"files": SHA-256, "erased": SHA-1 by which acts name them}}``."""
        case_by_holder = self._map_cases(holders)
        files, digests = self._find("ir.attachment", holders), {}
        for file in files.filtered(lambda file: file.type == "binary").sorted("id"):
            found = digests.setdefault(case_by_holder[file.res_model, file.res_id], {"files": [], "erased": []})
            found["files"].append(file._sig_sha256())
            found["erased"].append(file.checksum)
        files.unlink()
        for model, records in holders.items():  # files of others that they link
            for name, field in self.env[model]._fields.items():
                if field.comodel_name == "ir.attachment" and field.type == "many2many" and field.store:
                    records.filtered(name)[name] = False
        return digests

    def _delete_messages(self, holders):
        case_by_holder, counts = self._map_cases(holders), Counter()
        for holder, number in self._delete_threads(holders).items():
            counts[case_by_holder[holder]] += number
        return {case: {"messages": number} for case, number in counts.items()}

    def _unlink_consents(self, cases):
        """What a contact answered about surveys stays with the contact: a no must outlive the case."""
        self.env["sig.privacy.consent"].flush_model()
        self.env.cr.execute(
            """UPDATE sig_privacy_consent SET pqrs_id = NULL
                WHERE pqrs_id = ANY(%(cases)s) AND subject = 'surveys' AND partner_id IS NOT NULL;
               UPDATE sig_privacy_consent SET partner_id = NULL WHERE pqrs_id = ANY(%(cases)s)""",
            {"cases": cases.ids},
        )

    def _expire_packs(self, cases):
        """Delete the files of evidence packs, and the notes on them; the job makes again one that it is making."""
        packs = self.env["sig.evidence.pack"].search([("case_ids", "in", cases.ids)])
        packs.filtered(lambda pack: pack.state == "waiting")._touch_rows("state")
        self._delete_notes(packs)
        packs = packs.filtered("attachment_id")
        packs.attachment_id.unlink()
        packs.filtered(lambda pack: pack.state == "ready").state = "expired"

    def _empty_fields(self, cases, holders):
        """In SQL: past guards and computes, which would draw consequences from it. A client that is a company stays."""
        self.env.flush_all()
        placeholder = self._get_placeholder(cases.company_id[:1])
        for model, names in PERSONAL.items():
            values = SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), placeholder if text is PLACEHOLDER else None)
                for name, text in names.items()
            )
            table = SQL.identifier(self.env[model]._table)
            self.env.cr.execute(SQL("UPDATE %s SET %s WHERE id = ANY(%s)", table, values, holders[model].ids))
        self.env.cr.execute(
            """UPDATE sig_pqrs SET tracking_revision = COALESCE(tracking_revision, 0) + 1,
                      client_id = (SELECT id FROM res_partner WHERE id = client_id AND is_company)
                WHERE id = ANY(%s)""",
            [cases.ids],
        )
        self.env.invalidate_all()

    def _anonymize_findings(self, cases):
        findings = self.env["sig.finding"].search([("case_ids", "in", cases.ids), ("kind", "=", "repetition")])
        for finding in findings.filtered(lambda finding: finding.key.startswith((CLIENT_KEY, SITE_KEY))):
            found = finding.with_context(active_test=False).case_ids
            people = found.client_id.filtered(lambda client: not client.is_company)
            if finding.key.startswith(CLIENT_KEY) and found.client_id and not people:
                continue
            placeholder, reference = self._get_placeholder(finding.company_id), finding.reference
            words = {finding.name, reference, *(found & cases).mapped("site"), *people.mapped("display_name")}
            replaced = reference and reference in finding.name
            name = finding.name.replace(reference, placeholder) if replaced else placeholder
            finding.write({"key": f"repetition:erased:{finding.id}", "reference": placeholder, "name": name})
            plan = finding.plan_id
            self._replace_words([finding, plan, plan.line_ids], words, placeholder)

    def _replace_words(self, holders, words, placeholder):
        forms = {form for word in words if word and word.strip() for form in (word, str(escape(word)))}
        longest_first = sorted(forms, key=len, reverse=True)  # one may be part of another
        pattern = re.compile("|".join(map(re.escape, longest_first)))
        holders = {records._name: records for records in holders if records}
        messages = self._find("mail.message", holders)
        others = [self._find(model, holders) for model in ("mail.activity", "mail.scheduled.message")]
        for records in (*holders.values(), messages, messages.tracking_value_ids, *others):
            texts = (field for field in records._fields.values() if field.type in ("char", "text", "html"))
            names = [field.name for field in texts if field.store and field.column_type and not field.translate]
            for record in records:
                new = {name: pattern.sub(placeholder, record[name]) for name in names if record[name]}
                record.write({name: text for name, text in new.items() if text != record[name]})
        for plan in holders.get("sig.action.plan", ()):
            plan.verdicts = [{**row, "note": pattern.sub(placeholder, row["note"])} for row in plan.verdicts]

    def _anonymize_waves(self, waves):
        waves = waves.sudo()._sig_as_step().with_context(tracking_disable=True)
        self._anonymize_recipients(waves.recipient_ids)
        self.with_env(waves.env)._delete_notes(waves)
        waves.env["sig.anonymization.line"]._clear_reasons(Domain("wave_id", "in", waves.ids))
        waves.write({"anonymized_on": clock.now()})

    def _anonymize_recipients(self, recipients):
        """A company stays known; a person becomes an archived contact without data, so that each still counts once."""
        recipients = recipients.filtered(lambda recipient: not recipient.anonymized_on)
        if not recipients:
            return
        recipients = recipients.sudo()._sig_as_step().with_context(tracking_disable=True, mail_create_nolog=True)
        self = self.with_env(recipients.env)
        inputs = self.env["survey.user_input"].search([("sig_recipient_id", "in", recipients.ids)])
        holders = {records._name: records for records in (recipients, inputs)}
        placeholder = self._get_placeholder(recipients.company_id[:1])
        recipients.filtered("scan").scan = False
        (self._find("ir.attachment", holders) | recipients.wave_id._find_result_documents()).unlink()
        self._delete_threads(holders)
        self.env["sig.person.export"]._clear_person(recipients=recipients)
        self.env["sig.anonymization.line"]._clear_reasons(Domain("recipient_id", "in", recipients.ids))
        recipients.anonymized_on = clock.now()
        people = recipients.partner_id.filtered(lambda client: not client.is_company)
        nobodies = self.env["res.partner"].create([{"name": placeholder, "active": False} for _person in people])
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE sig_survey_recipient
                   SET contact_id = NULL, email = NULL, phone = NULL, reason = NULL, scan_name = NULL
                 WHERE id = ANY(%(recipients)s);
                UPDATE sig_survey_recipient recipient SET partner_id = stand.nobody
                  FROM unnest(%(people)s::int[], %(nobodies)s::int[]) AS stand(person, nobody)
                 WHERE recipient.partner_id = stand.person AND recipient.id = ANY(%(recipients)s);
                UPDATE survey_user_input SET partner_id = NULL, email = NULL, nickname = NULL
                 WHERE id = ANY(%(inputs)s);
                UPDATE survey_user_input_line
                   SET sig_case_id = NULL, value_char_box = CASE WHEN value_char_box <> '' THEN %(placeholder)s END,
                       value_text_box = CASE WHEN value_text_box <> '' THEN %(placeholder)s END
                 WHERE user_input_id = ANY(%(inputs)s)
                """,
                recipients=recipients.ids,
                people=people.ids,
                nobodies=nobodies.ids,
                inputs=inputs.ids,
                placeholder=placeholder,
            )
        )
        self.env.invalidate_all()

    def _get_placeholder(self, company):
        return self.with_context(lang=company._sig_lang()).env._("Personal data erased")

    def _find(self, model, holders, domain=()):
        """Records of one of `PLACES` that are of the holders, archived ones too."""
        of_holders = Domain.OR(
            Domain(PLACES[model], "=", name) & Domain("res_id", "in", records.ids)
            for name, records in holders.items()
            if records
        )
        records = self.env[model].with_context(active_test=False)
        return records.search(of_holders & Domain(domain)).with_env(self.env)

    def _delete_threads(self, holders):
        """Delete messages, activities, followers from outside; return ``{(model, id): number of messages}``."""
        messages = self._find("mail.message", holders)
        counts = Counter((message.model, message.res_id) for message in messages)
        # A rating would go with the message that tells of it.
        self.env["rating.rating"].search([("message_id", "in", messages.ids)]).message_id = False
        messages.attachment_ids.filtered(lambda file: not file.res_id).unlink()
        messages.unlink()
        self._find("mail.activity", holders).unlink()
        self._find("mail.scheduled.message", holders).unlink()
        self._find("mail.followers", holders, [("partner_id.partner_share", "=", True)]).unlink()
        return counts

    def _delete_notes(self, records):
        """Delete notes, files, people's activities, comments on done ones; what the software logged and asks stays."""
        holders = {records._name: records}
        self._find("ir.attachment", holders).unlink()
        self._find("mail.activity", holders).filtered(lambda row: not row.automated or not row.active).unlink()
        self._find("mail.scheduled.message", holders).unlink()
        # The comment on a done activity comes as a notification.
        by_hand = Domain("message_type", "!=", "notification") | Domain("mail_activity_type_id", "!=", False)
        self._find("mail.message", holders, by_hand).unlink()

    def _check_not_held(self, records, model_field):
        """Refuse messages or files, which name their record by a field and ``res_id``, of cases under hold."""
        held = self.env["sig.pqrs"].sudo()
        for model, theirs in records.filtered("res_id").grouped(model_field).items():
            if held._is_case_or_part(model):
                path = "" if model == held._name else "pqrs_id."
                domain = [("id", "in", theirs.mapped("res_id")), (f"{path}legal_hold", "=", True)]
                found = self.env[model].sudo().with_context(active_test=False).search(domain)
                held |= found.pqrs_id if path else found
        if held:
            text = self.env._("%s is under legal hold: nothing of it can be deleted.", ", ".join(held.mapped("name")))
            raise UserError(text)
