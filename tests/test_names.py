"""What a record is called tells nothing to who may not read it: by none of the ways in which core tells names."""
import json

from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger

from .common import brief_refusals
from .test_kept import KeptCommon

MARK = "ZZNOMBRE"
TOLD = ("char", "text", "html", "many2one", "reference", "many2one_reference")


class NamesCommon(KeptCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls.make_case(restricted=True, subject=MARK, description=MARK)
        cls.hidden = cls.make_assignment(cls.secret, cls.technology)
        cls.plan = cls.env["sig.action.plan"].sudo().create({"name": MARK, "process_id": cls.technology.id, "user_id": cls.other_leader.id})
        survey = cls.env["survey.survey"].sudo().create({"title": MARK})
        question = cls.env["survey.question"].sudo().create({"survey_id": survey.id, "title": MARK, "question_type": "char_box"})
        sheet = cls.env["survey.user_input"].sudo().create({"survey_id": survey.id, "partner_id": cls.contact.id})
        line = cls.env["survey.user_input.line"].sudo().create(
            {"user_input_id": sheet.id, "question_id": question.id, "answer_type": "char_box", "value_char_box": MARK}
        )
        cls.env.flush_all()
        cls.env.cr.execute(SQL("UPDATE sig_pqrs SET name = %s WHERE id = %s", MARK, cls.secret.id))
        cls.env.invalidate_all()
        file = cls.env["ir.attachment"].create({"name": MARK, "raw": b"x", "res_model": "sig.pqrs", "res_id": cls.secret.id})
        message = cls.secret.sudo().message_post(body="x", subject=MARK)
        cls.secrets = [record.sudo() for record in (cls.secret, cls.hidden, cls.plan, sheet, line, file, message)]

    def attempt(self, call):
        """What a call gives, as text; empty when it is refused, or is nothing that a form would ask."""
        self.reload()
        try:
            with self.env.cr.savepoint():
                return json.dumps(call(), default=str)
        except (UserError, ValueError, LookupError, TypeError, AttributeError):
            return ""


class TestNames(NamesCommon):
    def get_ways(self, Model, record):
        """Values by which a form of a model names a record."""
        for name, field in Model._fields.items():
            if field.type == "many2one_reference" or (name == "res_ids" and {"model", "res_model"} & Model._fields.keys()):
                models = {getattr(field, "model_field", None), "model", "res_model"} & Model._fields.keys()
                for model in models:
                    yield {model: record._name, name: record.id if name != "res_ids" else str(record.ids)}
                if "res_model_id" in Model._fields:
                    yield {"res_model_id": self.env["ir.model"]._get_id(record._name), name: record.id}
                if "template_id" in Model._fields and record._name == "sig.pqrs":
                    yield {"model": record._name, name: str(record.ids), "template_id": self.env.ref("sig_pqrs.mail_message").id}
            elif field.type == "reference":
                yield {name: f"{record._name},{record.id}"}
            elif field.type == "many2one" and field.comodel_name == record._name:
                yield {name: record.id}

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.orm.models", "odoo.sql_db")
    def test_forms(self):
        """Whatever a form of any model names while it is filled in, typed or as a default."""
        self.startPatcher(brief_refusals(self.registry))
        for record in self.secrets:
            self.assertIn(MARK, record.display_name)
        tried = 0
        for user in (self.employee, self.collaborator):
            hidden = [record for record in self.secrets if not record.sudo(False).with_user(user).has_access("read")]
            for model in self.env.registry:
                Model = self.env[model].with_user(user)
                if Model._abstract or not Model.has_access("create"):
                    continue
                told = [name for name, field in Model._fields.items() if field.type in TOLD and Model._has_field_access(field, "read")]
                for record in hidden:
                    for values in self.get_ways(Model, record):
                        computed = [
                            name for name in told if name in values or (MARK not in json.dumps(values) and (Model._fields[name].compute or name == "display_name"))
                        ]  # fmt: skip
                        defaults = Model.with_context(**{f"default_{name}": value for name, value in values.items()})
                        for names in (computed, *([name] for name in computed)):
                            spec = {**{name: {} for name in values}, **{name: {"fields": {"display_name": {}}} if Model._fields[name].relational or "reference" in Model._fields[name].type else {} for name in names}}
                            answers = [
                                self.attempt(lambda Model=Model, values=values, spec=spec: Model.onchange(dict(values), list(values), spec)),
                                self.attempt(lambda Model=defaults, spec=spec: Model.onchange({}, [], spec)),
                            ]
                            tried += 1
                            for answer in answers:
                                self.assertNotIn(MARK, answer, f"{user.name}: {model} with {values} tells one of {names}")
                            if all(answers):
                                break
        self.assertGreater(tried, 50)

    def test_all_models_of_ours(self):
        """Also those to come: what they tell, and the defaults of what steps write, is guarded in one place."""
        for name, model in self.env.items():
            if name.startswith("sig.") and not model._abstract:
                with self.subTest(name):
                    self.assertIsInstance(model, self.registry["sig.output.mixin" if model._transient else "sig.record.mixin"])

    def test_a_name_is_of_its_reader(self):
        """In one transaction, too."""
        for model in ("sig.pqrs.assignment", "sig.pqrs.answer", "sig.pqrs.communication"):
            record = self.env[model].new({"pqrs_id": self.secret.id})
            self.assertIn(MARK, record.with_user(self.director).display_name)
            self.assertNotIn(MARK, record.with_user(self.leader).display_name, model)

    def test_links_of_what_one_reads(self):
        """The record is read, and not what it is linked with: in forms, lists, groups and by RPC."""
        own = self.env["sig.finding"].sudo().create({
            "name": "Propio", "kind": "missed", "key": "x", "date": "2026-11-03", "company_id": self.company.id,
            "process_id": self.operations.id, "plan_id": self.plan.id,
        })  # fmt: skip
        spec, domain = {"plan_id": {"fields": {"display_name": {}}}}, [("id", "=", own.id)]
        for user, shown in ((self.leader, False), (self.director, True)):
            found = own.sudo(False).with_user(user)
            for read in (
                lambda found=found: found.web_read(spec),
                lambda found=found: found.read(["plan_id"]),
                lambda found=found: found.search_read(domain, ["plan_id"]),
                lambda found=found: found.web_search_read(domain, spec),
                lambda found=found: found.formatted_read_group(domain, ["plan_id"], ["__count"]),
                lambda found=found: found.web_read_group(domain, ["plan_id"], ["__count"]),
            ):
                answer = self.attempt(read)
                self.assertTrue(answer)
                self.assertEqual(MARK in answer, shown, answer)

    def test_activities_and_breadcrumbs(self):
        Activity = self.env["mail.activity"].with_user(self.employee)
        kind = self.env.ref("mail.mail_activity_data_todo").id
        mine = Activity.create({"activity_type_id": kind, "user_id": self.employee.id, "summary": "Mía"})
        for record in self.secrets[:5]:
            place = {"res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id}
            new = {**place, "activity_type_id": kind, "user_id": self.employee.id}
            steps = (lambda own, place=place: own.write(place), lambda own, new=new: own.create(new))
            self.assertDenied(mine, self.employee, *steps, error=UserError)
            self.assertNotIn(MARK, self.attempt(lambda record=record: record.sudo(False).with_user(self.employee).display_name))
        actions = [{"resId": record.id, "model": record._name} for record in self.secrets[:5]]
        self.assertNotIn(MARK, str(self.rpc(self.employee, "/web/action/load_breadcrumbs", actions=actions)))

    def test_dialogs_and_versions_of_files(self):
        """Naming a record, in a dialog that is kept or as what a file is a version of, does not tell its name."""
        message, file = self.secrets[-1], self.secrets[-2]
        composer = self.env["mail.compose.message"].with_user(self.employee).create({"parent_id": message.id})
        spec = {"subject": {}, "parent_id": {"fields": {"display_name": {}}}}
        self.assertNotIn(MARK, json.dumps(composer.web_read(spec)) + json.dumps(composer.read(["parent_id", "subject"])))
        own = self.env["ir.attachment"].with_user(self.employee).create({"name": "a.txt", "raw": b"x"})
        self.assertEachRaises(UserError, lambda: own.write({"original_id": file.id}))
        other = self.env["res.company"].create({"name": "Otra"})
        self.other_leader.company_ids |= other
        process = self.env["sig.process"].create({"name": MARK, "code": "ZZ", "leader_id": self.other_leader.id, "company_id": other.id})
        own = self.builder.assign(self.builder.file({"partner_id": self.contact.id}), self.operations).with_user(self.leader)
        values, spec = {"process_id": process.id}, {"display_name": {}, "process_id": {"fields": {"display_name": {}}}}
        measure = self.env["sig.indicator.measure"].sudo().create({
            "indicator_id": self.env.ref("sig_pqrs.indicator_on_time").id, "company_id": self.company.id,
            "date_from": "2026-10-01", "date_to": "2026-10-31", "process_id": self.operations.id,
        })  # fmt: skip
        for form in (own.browse(), own, measure.with_user(self.leader).sudo(False)):
            self.assertNotIn(MARK, self.attempt(lambda form=form: form.onchange(values, ["process_id"], spec)))

    def test_answered_messages(self):
        """A composer takes over subject, record and recipients of what it answers, when its user reads that."""
        names = ("parent_id", "subject", "model", "res_ids", "partner_ids")
        Composer = self.env["mail.compose.message"].with_user(self.employee)
        spec = {name: {"fields": {"display_name": {}}} if Composer._fields[name].relational else {} for name in names}
        values = {"subject": MARK, "message_type": "email_outgoing", "partner_ids": self.contact.ids}
        for place in ({}, {"model": "sig.pqrs", "res_id": self.secret.id}):
            message = self.env["mail.message"].sudo().create({**values, **place})
            self.assertFalse(message.sudo(False).with_user(self.employee).has_access("read"))
            defaults, written = Composer.with_context(default_parent_id=message.id), Composer.create({})
            written.write({"parent_id": message.id})
            for form in (Composer, written):
                for given in (message.id, (message.id, ""), {"id": message.id}):
                    with self.subTest("onchange", place=place, given=given):
                        self.env.invalidate_all()
                        told = form.onchange({"parent_id": given}, ["parent_id"], spec)["value"]
                        self.assertFalse(any(told.values()), told)
            self.assertFalse(any(defaults.onchange({}, [], spec)["value"].values()))
            created = Composer.create([{"parent_id": message.id}, {"parent_id": str(message.id)}])
            for composer in (*created, defaults.create({}), written):
                with self.subTest("kept", place=place):
                    for mode in ("mass_mail", "comment"):  # all is computed anew
                        composer.composition_mode = mode
                        self.reload()
                    self.assertFalse(any(composer[name] for name in names), composer.read(names))
        own = Composer.with_user(self.director).create({"parent_id": message.id})
        self.assertEqual((own.parent_id, own.subject, own.model), (message, MARK, "sig.pqrs"))
        self.assertEqual((own.res_ids, own.partner_ids), (str(self.secret.ids), self.contact))

    def test_mentions(self):
        """Who may not read a record is not told of it, whoever mentions them."""
        partner = self.collaborator.partner_id
        plan = self.plan.with_user(self.director)
        note = plan.message_post(body="Mira", partner_ids=partner.ids)
        told = self.env["mail.message"].with_user(self.director).create({
            "model": plan._name, "res_id": plan.id, "body": "Oiga", "message_type": "comment", "partner_ids": partner.ids,
            "subtype_id": self.env.ref("mail.mt_note").id,
        })
        notified = plan.browse(plan.id).message_notify(body="Vea", partner_ids=partner.ids)
        for message in (note, told, notified):
            self.assertNotIn(partner, message.sudo().partner_ids | message.sudo().notification_ids.res_partner_id)
            self.assertFalse(message.with_user(self.collaborator).has_access("read"))
        self.env["mail.notification"].sudo().create({"mail_message_id": note.id, "res_partner_id": self.collaborator.partner_id.id, "notification_type": "inbox"})
        self.env.invalidate_all()
        answer = self.rpc(self.collaborator, "/mail/inbox/messages")
        self.assertIn("Mira", str(answer))
        self.assertNotIn(MARK, str(answer))
        self.assertFalse(note.with_user(self.collaborator).record_name)
        self.assertEqual(note.with_user(self.director).record_name, self.plan.display_name)

    def test_followers(self):
        self.plan.message_subscribe(self.employee.partner_id.ids)
        rows = self.env["mail.followers"].sudo().search([("res_model", "=", self.plan._name), ("res_id", "=", self.plan.id)])
        self.assertNotIn(MARK, self.attempt(lambda: rows.with_user(self.employee).read()))

    def test_refusals(self):
        """What refuses a step on a record does not say how it is called."""
        for user in (self.employee, self.collaborator):
            for record in self.secrets[:3]:
                own = record.sudo(False).with_user(user)
                if own.has_access("read"):
                    continue
                for name in dir(type(own)):
                    if name.startswith("action_") and callable(getattr(type(own), name)):
                        for arguments in ((), ("x",)):
                            self.reload()
                            try:
                                with self.env.cr.savepoint():
                                    getattr(own, name)(*arguments)
                            except Exception as refused:  # whatever it says
                                self.assertNotIn(MARK, str(refused), f"{user.name}: {record._name}.{name}")
