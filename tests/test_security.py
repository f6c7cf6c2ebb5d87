from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import SigCommon, date, freeze_time

#: what a refusal is: of the rights (`AccessError` is one of these) or of the step
REFUSALS = UserError

#: what people may write, by the hand of the procedure; every other field of the module is a transition's
EDITABLE = {
    "sig.pqrs": {
        "type_id",
        "channel",
        "company_id",
        "date_received",
        "anonymous",
        "identity_reserved",
        "authority_deadline",
        "subject",
        "description",
        "remedy",
        "partner_name",
        "email_from",
        "phone",
        "person_type",
        "document_type",
        "document_number",
        "city",
        "incident_date",
        "capacity",
        "attachment_ids",
        "partner_id",
        "restricted",
        "restriction_reason",
        "authorized_user_ids",
        "priority",
        "severity",
        "involves_staff",
        "involves_incident",
        "preserve_evidence",
        "response_medium",
        "resolution",
        "response_opening",
        "response_closing",
        "reason_id",
        "client_id",
        "site",
        "request_ids",
        "commitment_ids",
        "legal_risk",
        "legal_reviewer_id",
        "notice_told",
        "survey_answer",
    },
    "sig.pqrs.assignment": {"response", "attachment_ids", "request_ids", "commitment_ids"},
    "sig.pqrs.act": set(),
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestProtectedFields(SigCommon):
    """Nobody writes what only a step of the procedure may: not by write, create, the context, defaults or import."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(email_from="ana@example.com")
        self.assignment = self.make_assignment(self.case)
        self.people = self.director | self.administrator

    def get_protected(self, model):
        """``{name: value}`` of the protected fields, each with a value of its type."""
        values = {
            "char": "x",
            "text": "x",
            "html": "<p>x</p>",
            "integer": 7,
            "float": 7.0,
            "boolean": True,
            "json": {"x": 1},
            "date": "2030-01-01",
            "datetime": "2030-01-01 12:00:00",
            "many2one": 1,
            "binary": "eA==",
            "one2many": [Command.clear()],
            "many2many": [Command.clear()],
        }
        protected = {}
        for name, field in self.env[model]._fields.items():
            if "sig_pqrs" in field._modules and name not in EDITABLE[model]:
                value = values.get(field.type)
                if field.type == "selection":
                    value = field.get_values(self.env)[-1]
                protected[name] = value
        self.assertIn("digest" if model == "sig.pqrs.act" else "state", protected)
        return protected

    def assertRefused(self, function, message):
        with self.subTest(message), self.assertRaises(REFUSALS, msg=message), self.env.cr.savepoint():
            function()
            self.env.flush_all()

    def test_write(self):
        records = {
            "sig.pqrs": self.case,
            "sig.pqrs.assignment": self.assignment,
            "sig.pqrs.act": self.case.sudo().act_ids[0],
        }
        for model, record in records.items():
            for user in self.people | self.leader | self.collaborator | self.management:
                own = record.with_user(user)
                for name, value in self.get_protected(model).items():
                    self.assertRefused(
                        lambda own=own, vals={name: value}: own.write(vals), f"{model}.{name} by {user.name}"
                    )

    def test_write_with_an_editable_field(self):
        for user in self.people:
            self.assertRefused(
                lambda user=user: self.assignment.with_user(user).write({"response": "<p>x</p>", "state": "approved"}),
                "both",
            )
            self.assertRefused(
                lambda user=user: self.case.with_user(user).write({"site": "x", "state": "closed"}), "both"
            )
        self.assertFalse(self.assignment.response)
        self.assertFalse(self.case.site)

    def test_assignment_to_attribute(self):
        with self.assertRaises(REFUSALS):
            self.case.with_user(self.administrator).date_deadline = date(2030, 1, 1)
        with self.assertRaises(REFUSALS):
            self.assignment.with_user(self.administrator).state = "approved"

    def test_filing_fields_are_set_once(self):
        for name, value in (
            ("type_id", self.env.ref("sig_pqrs.type_reclamo").id),
            ("channel", "visit"),
            ("date_received", "2026-11-20 12:00:00"),
            ("company_id", self.company.id),
            ("anonymous", True),
            ("identity_reserved", True),
            ("authority_deadline", "2026-12-20 12:00:00"),
        ):
            for user in self.people:
                self.assertRefused(lambda user=user, vals={name: value}: self.case.with_user(user).write(vals), name)

    def test_what_was_petitioned_stands_once_it_is_worked_on(self):
        fresh = self.make_case()
        fresh.description = "Corregido"
        for vals in (
            {"subject": "Otro"},
            {"description": "Otra"},
            {"document_number": "1"},
            {"email_from": "no es correo"},
        ):
            self.assertRefused(lambda vals=vals: self.case.with_user(self.administrator).write(vals), str(vals))
        closed = self.make_closed()
        for vals in (
            {"response_opening": "<p>x</p>"},
            {"resolution": "upheld"},
            {"subject": "Otro"},
        ):
            self.assertRefused(lambda vals=vals: closed.with_user(self.administrator).write(vals), str(vals))
        self.assertRefused(lambda: closed.with_user(self.administrator).write({"restricted": True}), "no reason")
        closed.with_user(self.director).write(
            {"site": "Portería norte", "restricted": True, "restriction_reason": "Investigación interna"}
        )

    def test_create(self):
        Pqrs = self.env["sig.pqrs"]
        vals = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "phone"}
        count = Pqrs.search_count([])
        for user in self.people:
            for name, value in self.get_protected("sig.pqrs").items():
                own = Pqrs.with_user(user)
                self.assertRefused(lambda own=own, extra={name: value}: own.create({**vals, **extra}), name)
                own = own.with_context(**{f"default_{name}": value})
                self.assertRefused(lambda own=own: own.create(vals), f"default_{name}")
        for channel in ("web", "portal"):
            self.assertRefused(
                lambda channel=channel: Pqrs.with_user(self.director).create({**vals, "channel": channel}), channel
            )
        for user in (self.leader, self.collaborator, self.management, self.employee, self.portal):
            self.assertRefused(lambda user=user: Pqrs.with_user(user).create(vals), user.name)
        self.assertEqual(Pqrs.search_count([]), count)

    def test_create_assignment(self):
        vals = {
            "pqrs_id": self.case.id,
            "process_id": self.technology.id,
            "user_id": self.collaborator.id,
            "date_due": "2026-12-01",
        }
        for user in (self.administrator, self.director, self.leader, self.collaborator):
            self.assertRefused(
                lambda user=user: self.env["sig.pqrs.assignment"].with_user(user).create(vals), user.name
            )
            self.assertRefused(
                lambda user=user: self.assignment.with_user(user).copy({"process_id": self.technology.id}), "copy"
            )

    def test_copy_is_a_new_case(self):
        closed = self.make_closed()
        copy = closed.with_user(self.director).copy({"channel": "phone"})
        self.assertNotEqual(copy.name, closed.name)
        self.assertEqual((copy.state, copy.delivery_state, copy.rating_state), ("received", "none", "none"))
        self.assertFalse(copy.date_answered or copy.assignment_ids or copy.outcome or copy.response)
        self.assertEqual(self.kinds(copy), ["received"])
        self.assertChain(copy)

    def test_import(self):
        Pqrs = self.env["sig.pqrs"]
        kind = self.env.ref("sig_pqrs.type_queja")
        for user in self.people:
            for name, value in (
                ("state", "Closed"),
                ("date_deadline", "2030-01-01"),
                ("date_answered", "2026-11-24 10:00:00"),
                ("name", "PQRS-2020-00001"),
                ("outcome", "Answered"),
                ("delivery_state", "Sent"),
                ("act_ids/kind", "Closed"),
                ("assignment_ids/state", "Approved"),
                ("uuid", "x"),
                ("act_head", "x"),
                ("days_left", "9"),
            ):
                count = Pqrs.search_count([])
                result = Pqrs.with_user(user).load(["subject", "type_id/.id", name], [["Ronda", str(kind.id), value]])
                self.assertFalse(result["ids"], f"{name} was imported")
                self.assertTrue(result["messages"])
                self.assertEqual(Pqrs.search_count([]), count)
                result = Pqrs.with_user(user).load([".id", name], [[str(self.case.id), value]])
                self.assertFalse(result["ids"], f"{name} was overwritten")
        result = Pqrs.with_user(self.director).load(["subject", "type_id/.id"], [["Ronda", str(kind.id)]])
        self.assertEqual(Pqrs.browse(result["ids"]).state, "received")

    def test_defaults_of_a_user(self):
        """Anybody may keep defaults: they fill in nothing that only a step may write."""
        Default = self.env["ir.default"].with_user(self.director)
        for model, name, value in (
            ("sig.pqrs", "state", "closed"),
            ("sig.pqrs", "outcome", "answered"),
            ("sig.pqrs", "date_answered", "2026-11-24 10:00:00"),
            ("sig.pqrs", "delivery_state", "sent"),
            ("sig.pqrs", "uuid", "x"),
            ("sig.pqrs.assignment", "state", "approved"),
            ("sig.pqrs.assignment", "approved_by_id", self.leader.id),
            ("sig.pqrs.assignment", "active", False),
            ("sig.pqrs.act", "company_id", 999),
            ("mail.mail", "state", "sent"),
        ):
            Default.set(model, name, value, user_id=self.director.id)
        case = self.make_case(email_from="ana@example.com")
        self.assertEqual(
            (case.state, case.outcome, case.delivery_state, case.date_answered), ("received", False, "none", False)
        )
        assignment = self.make_assignment(case)
        self.assertEqual((assignment.state, assignment.active, assignment.approved_by_id.ids), ("pending", True, []))
        self.assertEqual(case.sudo().act_ids.company_id, case.company_id)
        self.assertChain(case)

    def test_context_of_a_step(self):
        """The context that comes over RPC reaches records which steps create as superuser."""
        other = self.env["res.company"].create({"name": "Otra empresa"})
        poison = {
            "default_state": "approved",
            "default_active": False,
            "default_company_id": other.id,
            "default_approved_by_id": self.leader.id,
            "default_date_approved": "2026-11-24 10:00:00",
            "default_response_digest": "x",
            "default_kind": "closed",
            "default_number": 99,
            "default_digest": "x",
            "default_user_id": self.management.id,
        }
        case = self.make_case().with_context(**poison)
        assignment = self.env["sig.pqrs.assignment"].browse(case.action_assign([{"process_id": self.technology.id}]))
        self.env.invalidate_all()
        self.assertEqual((assignment.state, assignment.active, assignment.company_id), ("pending", True, self.company))
        self.assertFalse(assignment.approved_by_id or assignment.date_approved or assignment.response_digest)
        self.assertEqual(self.kinds(case), ["received", "assigned"])
        self.assertEqual(case.sudo().act_ids.company_id, self.company)
        self.assertChain(case)

    def test_context_does_not_send_the_answer(self):
        """A mail born as sent would close the case without leaving."""
        case = self.make_approved(email_from="ana@example.com")
        with patch.object(type(case), "_render_letter", lambda _self: (b"%PDF-1.4", "pdf")):
            case.with_user(self.director).with_context(
                default_state="sent", default_email_cc="x@example.com"
            ).action_send_response()
        mail = case.sudo().response_mail_id
        self.assertEqual(mail.state, "outgoing")
        self.assertNotEqual(mail.email_cc, "x@example.com")
        self.assertEqual((case.state, case.delivery_state), ("approved", "pending"))


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestNothingIsDeleted(SigCommon):
    """Acts are for ever, and so are cases and assignments."""

    def test_acts(self):
        case = self.make_closed()
        act = case.sudo().act_ids[0]
        vals = {"pqrs_id": case.id, "number": 99, "kind": "closed", "date": "2026-11-24 10:00:00", "digest": "x"}
        for user in (
            self.administrator,
            self.director,
            self.leader,
            self.collaborator,
            self.management,
            self.portal,
            self.env.user,
        ):
            own = act.with_user(user)
            for operation in (
                lambda own=own: own.create(vals),
                lambda own=own: own.write({"note": "x"}),
                lambda own=own: own.write({}),
                lambda own=own: own.unlink(),
                lambda own=own: own.copy(),
                lambda own=own: own.sudo().write({"kind": "received"}),
                lambda own=own: own.sudo().unlink(),
                lambda own=own: own.sudo().create(vals),
            ):
                with self.assertRaises(REFUSALS), self.env.cr.savepoint():
                    operation()
                    self.env.flush_all()
        self.assertChain(case)

    def test_import_of_acts(self):
        case = self.make_case()
        result = (
            self.env["sig.pqrs.act"]
            .with_user(self.administrator)
            .load(["pqrs_id/.id", "number", "kind", "date"], [[str(case.id), "2", "Closed", "2026-11-24 10:00:00"]])
        )
        self.assertFalse(result["ids"])
        self.assertEqual(self.kinds(case), ["received"])

    def test_cases_and_assignments(self):
        case = self.make_case()
        assignment = self.make_assignment(case)
        for user in (self.administrator, self.director, self.leader, self.collaborator, self.env.user):
            for record in (case, assignment, case.sudo(), assignment.sudo()):
                with self.assertRaises(REFUSALS), self.env.cr.savepoint():
                    record.with_user(user).with_env(
                        record.env if record.env.su else record.with_user(user).env
                    ).unlink()
        self.assertTrue(case.exists() and assignment.exists())

    def test_what_they_hang_on(self):
        """Types, processes, companies and people of cases cannot be deleted from under them."""
        case = self.make_case()
        self.make_assignment(case)
        for record in (case.type_id, self.operations, self.director):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017 - refused by us or by the database
                record.sudo().unlink()
                self.env.flush_all()

    def test_commands_through_other_records(self):
        """No one2many field of any model lets its commands into a case, an assignment or an act."""
        case = self.make_case()
        assignment = self.make_assignment(case)
        other = self.make_assignment(process=self.technology)
        act = case.sudo().act_ids[0]
        ours = {"sig.pqrs": case, "sig.pqrs.assignment": assignment, "sig.pqrs.act": act}
        others = {
            "sig.pqrs": other.pqrs_id,
            "sig.pqrs.assignment": other,
            "sig.pqrs.act": other.sudo().pqrs_id.act_ids[0],
        }
        change = {
            "sig.pqrs": {"state": "closed"},
            "sig.pqrs.assignment": {"state": "approved"},
            "sig.pqrs.act": {"note": "x"},
        }
        doors = [
            field
            for model in self.env.registry.values()
            for field in model._fields.values()
            if field.type == "one2many" and field.store and field.comodel_name in ours and not model._abstract
        ]
        self.assertIn(self.env["sig.process"]._fields["assignment_ids"], doors)
        for field in doors:
            inside, outside = ours[field.comodel_name], others[field.comodel_name]
            owner = inside.sudo()[field.inverse_name]
            if not owner:
                continue
            before = owner[field.name].ids
            for user in (self.administrator, self.director, self.leader, self.collaborator):
                for command in (
                    Command.create(change[field.comodel_name]),
                    Command.update(inside.id, change[field.comodel_name]),
                    Command.delete(inside.id),
                    Command.unlink(inside.id),
                    Command.link(outside.id),
                    Command.set(outside.ids),
                    Command.clear(),
                ):
                    with (
                        self.subTest(field=str(field), command=command),
                        self.assertRaises(REFUSALS),
                        self.env.cr.savepoint(),
                    ):
                        owner.sudo(False).with_user(user).write({field.name: [command]})
                        self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(owner[field.name].ids, before)
        self.assertChain(case)

    def test_people_of_processes(self):
        """Nobody gives himself a process."""
        for user in (self.collaborator, self.leader, self.employee, self.management, self.portal):
            with self.assertRaises(REFUSALS), self.env.cr.savepoint():
                self.technology.with_user(user).write({"leader_id": user.id})
            with self.assertRaises(REFUSALS), self.env.cr.savepoint():
                self.technology.with_user(user).write({"member_ids": [Command.link(user.id)]})
        with self.assertRaises(AccessError):
            self.technology.with_user(self.director).write({"leader_id": self.director.id})

    def test_commands_when_filing(self):
        """Filing writes as superuser, but the commands in its values run with the rights of who files."""
        vals = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "phone"}
        foreign = self.env["ir.attachment"].create({"name": "nómina.txt", "raw": b"secreto"})
        system = self.env.ref("base.group_system")
        Pqrs = self.env["sig.pqrs"].with_user(self.director)
        self.startPatcher(patch.object(self.env.transaction, "default_env", Pqrs.env))  # as in a request of hers
        for commands in (
            {
                "authorized_user_ids": [
                    Command.create({"login": "x", "name": "x", "group_ids": [Command.set(system.ids)]})
                ]
            },
            {"authorized_user_ids": [Command.update(self.director.id, {"group_ids": [Command.link(system.id)]})]},
            {"attachment_ids": [Command.link(foreign.id)]},
            {"attachment_ids": [Command.set(foreign.ids)]},
            {"attachment_ids": [Command.update(foreign.id, {"name": "x"})]},
            {"attachment_ids": [Command.delete(foreign.id)]},
            {"message_follower_ids": [Command.create({"res_model": "sig.pqrs", "partner_id": self.contact.id})]},
            {"rating_ids": [Command.create({"rating": 5, "consumed": True})]},
        ):
            for own, values in (
                (Pqrs, {**vals, **commands}),
                (Pqrs.with_context(**{f"default_{name}": value for name, value in commands.items()}), vals),
            ):
                with self.subTest(commands=commands), self.env.cr.savepoint() as savepoint:
                    try:
                        own.create(values)
                        self.env.flush_all()
                        self.assertIs(
                            values,
                            vals,
                            "commands among the values are refused; in the context they may come to nothing",
                        )
                    except REFUSALS:
                        savepoint.rollback()
                    self.assertEqual((foreign.exists().name, foreign.res_model), ("nómina.txt", False))
                    self.assertFalse(self.director.has_group("base.group_system"))
                    self.assertFalse(self.env["res.users"].search([("login", "=", "x")]))
                    followers = self.env["mail.followers"].search([("res_model", "=", "sig.pqrs")])
                    self.assertNotIn(self.contact, followers.partner_id)
                    self.assertFalse(self.env["rating.rating"].search([("res_model", "=", "sig.pqrs")]))
                    savepoint.rollback()
        case = Pqrs.create(
            {
                **vals,
                "attachment_ids": [Command.create({"name": "foto.txt", "raw": b"foto"})],
                "authorized_user_ids": [Command.link(self.collaborator.id)],
            }
        )
        self.assertEqual((case.attachment_ids.res_model, case.attachment_ids.res_id), ("sig.pqrs", case.id))
        self.assertEqual(case.authorized_user_ids, self.collaborator)

    def test_annexes_stay_where_they_belong(self):
        """To link an annex neither opens somebody's file nor takes it from its record."""
        foreign = self.env["ir.attachment"].create({"name": "nómina.txt", "raw": b"secreto"})
        case = self.make_case(attachment_ids=[Command.create({"name": "foto.txt", "raw": b"foto"})])
        photo = case.attachment_ids
        assignment = self.make_assignment(case).with_user(self.collaborator)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            assignment.write({"attachment_ids": [Command.link(foreign.id)]})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.make_case().write({"attachment_ids": [Command.link(foreign.id)]})
        assignment.write({"attachment_ids": [Command.link(photo.id)]})
        self.assertEqual((photo.res_model, photo.res_id), ("sig.pqrs", case.id))
        own = self.env["ir.attachment"].with_user(self.collaborator).create({"name": "informe.txt", "raw": b"informe"})
        assignment.write({"attachment_ids": [Command.link(own.id)]})
        self.assertEqual((own.res_model, own.res_id), ("sig.pqrs.assignment", assignment.id))
        self.assertEqual(own.with_user(self.leader).raw, b"informe")

    def test_process_no_longer_on_the_case(self):
        assignment = self.make_assignment()
        assignment.with_user(self.leader).action_decline("Es de Tecnología")
        with self.assertRaises(REFUSALS):
            assignment.with_user(self.collaborator).write({"response": "<p>x</p>"})


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestVisibility(SigCommon):
    """Who reads what, by every way of reading."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = cls.builder.make_user(cls.env, "sig_member", "Otro colaborador de Operaciones", "collaborator")
        cls.operations.member_ids |= cls.member
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref("base.group_allow_export")

    def setUp(self):
        super().setUp()
        annex = {"attachment_ids": [Command.create({"name": "foto.txt", "raw": b"foto"})]}
        self.ours = self.make_case(subject="De Operaciones", **annex)
        self.theirs = self.make_case(subject="De Tecnología", **annex)
        self.both = self.make_case(subject="De las dos", **annex)
        self.unassigned = self.make_case(subject="De nadie", **annex)
        self.secret = self.make_case(subject="Reservada", restricted=True, **annex)
        users = {self.operations: self.collaborator}
        self.builder.assign(self.ours, self.operations, users=users)
        self.builder.assign(self.secret, self.operations, users={self.operations: self.director})
        self.secret.authorized_user_ids = self.director  # assigning named the leader too
        self.builder.assign(self.theirs, self.technology)
        self.builder.assign(self.both, self.operations | self.technology, users=users)
        self.cases = self.ours | self.theirs | self.both | self.unassigned | self.secret
        self.reload()

    def assertReads(self, user, expected):
        """Every way to read gives the user the cases, assignments, acts, messages and annexes of ``expected`` alone."""
        message = user.name
        Pqrs = self.env["sig.pqrs"].with_user(user)
        domain = Domain("id", "in", self.cases.ids)
        self.env.invalidate_all()
        self.assertEqual(set(Pqrs.search(domain).ids), set(expected.ids), message)
        self.assertEqual(Pqrs.search_count(domain), len(expected), message)
        self.assertEqual(
            sum(count for _state, count in Pqrs._read_group(domain, ["state"], ["__count"])), len(expected), message
        )
        groups = Pqrs.formatted_read_group(domain, ["state"], ["__count"])
        self.assertEqual(sum(group["__count"] for group in groups), len(expected), message)
        self.assertEqual({row["id"] for row in Pqrs.search_read(domain, ["name"])}, set(expected.ids), message)
        self.assertEqual(
            {row["id"] for row in Pqrs.web_search_read(domain, {"name": {}, "term_explanation": {}})["records"]},
            set(expected.ids),
        )
        for case in self.cases:
            own = case.with_user(user)
            self.assertEqual(bool(Pqrs.name_search(case.name)), case in expected, message)
            self.assertEqual(bool(Pqrs.name_search(case.subject)), case in expected, message)
            if case in expected:
                own.read(["subject", "description", "act_ids", "term_explanation", "response"])
                self.assertEqual(own.export_data(["subject"])["datas"], [[case.subject]])
                own.attachment_ids.read(["name", "raw"])
            else:
                for reading in (
                    lambda own=own: own.read(["subject"]),
                    lambda own=own: own.web_read({"subject": {}}),
                    lambda own=own: own.export_data(["subject"]),
                    lambda own=own: own.subject,
                    lambda own=own: own.action_verify_acts(),
                    lambda own=own, case=case: case.attachment_ids.with_user(user).read(["raw"]),
                    lambda own=own: (
                        own.message_ids.read(["body"]) or own.sudo().message_ids.with_user(user).read(["body"])
                    ),
                    lambda own=own: own.sudo().act_ids.with_user(user).read(["note"]),
                ):
                    self.env.invalidate_all()
                    with self.assertRaises(AccessError, msg=f"{user.name}: {case.subject}"):
                        reading()
        acts = self.env["sig.pqrs.act"].with_user(user).search([("pqrs_id", "in", self.cases.ids)])
        self.assertEqual(set(acts.sudo().pqrs_id.ids), set(expected.ids), message)
        by_case = (
            self.env["sig.pqrs.act"]
            .with_user(user)
            ._read_group([("pqrs_id", "in", self.cases.ids)], ["pqrs_id"], ["__count"])
        )
        self.assertEqual({case.id for case, _count in by_case}, set(expected.ids), message)
        messages = (
            self.env["mail.message"]
            .with_user(user)
            .search([("model", "=", "sig.pqrs"), ("res_id", "in", self.cases.ids)])
        )
        messages -= messages.filtered(
            lambda message: message.author_id == user.partner_id and message.res_id not in expected.ids
        )
        self.assertEqual(set(messages.mapped("res_id")), set(expected.ids), message)
        annexes = (
            self.env["ir.attachment"]
            .with_user(user)
            .search([("res_model", "=", "sig.pqrs"), ("res_id", "in", self.cases.ids)])
        )
        self.assertEqual(set(annexes.mapped("res_id")), set(expected.ids), message)

    def test_roles(self):
        self.assertReads(self.director, self.cases)
        self.assertReads(self.administrator, self.cases)
        self.assertReads(self.management, self.cases - self.secret)
        for user in (self.leader, self.deputy, self.collaborator, self.member):
            self.assertReads(user, self.ours | self.both)
        for user in (self.other_leader, self.other_collaborator):
            self.assertReads(user, self.theirs | self.both)

    def test_what_a_page_found_it_reads(self):
        """The rules are not asked twice of the same records; of all others they are, as ever."""
        for user in (self.leader, self.collaborator, self.management):
            own = self.env["sig.pqrs"].with_user(user)
            with own._remembering_roles():
                found = own.search([("id", "in", self.cases.ids)])
                self.assertIn(self.both, found)
                self.env.invalidate_all()
                with self.assertQueryCount(0):
                    found.check_access("read")
                    found[:1].check_access("read")
                secret = self.secret.with_user(user)
                for records in (secret, found | secret):
                    with self.assertRaises(AccessError):
                        records.check_access("read")
                self.assertEqual((found | secret)._filtered_access("read"), found)
                self.assertFalse(self.ours.with_user(self.other_leader).has_access("read"), "that of another")
                elsewhere = own.with_context(allowed_company_ids=self.company.ids)
                self.assertNotEqual(own._get_found_key(), elsewhere._get_found_key())
                self.assertFalse(self.ours.with_user(self.management).has_access("write"), "to read, and no more")
            with self.assertRaises(AssertionError), self.assertQueryCount(0):
                found.check_access("read")  # asked again as soon as the page is read

    def test_assignments_of_others(self):
        """On a case of two processes, each reads its own share; the other's draft and talk are not its business."""
        mine, other = self.both.sudo().assignment_ids.sorted(
            lambda assignment: assignment.process_id != self.operations
        )
        other.message_post(body="Hablemos de esto")
        for user in (self.leader, self.collaborator, self.member, self.deputy):
            self.env.invalidate_all()
            own = self.env["sig.pqrs.assignment"].with_user(user)
            self.assertIn(mine, own.search([]))
            self.assertNotIn(other, own.search([]))
            self.assertFalse(own.search([("process_id", "=", self.technology.id)]))
            with self.assertRaises(AccessError):
                own.browse(other.id).read(["response"])
            self.assertFalse(
                self.env["mail.message"]
                .with_user(user)
                .search([("model", "=", other._name), ("res_id", "=", other.id)])
            )
            with self.assertRaises(AccessError):
                own.browse(other.id).message_post(body="x")
            for vals in ({"response": "<p>x</p>"}, {"attachment_ids": [Command.clear()]}):
                with self.assertRaises(AccessError):
                    own.browse(other.id).write(vals)

    def test_restricted(self):
        self.assertReads(self.collaborator, self.ours | self.both)
        assignment = self.secret.sudo().assignment_ids.with_user(self.collaborator)
        with self.assertRaises(AccessError):
            assignment.read(["response"])
        self.secret.with_user(self.director).authorized_user_ids = self.director | self.collaborator | self.management
        self.assertReads(self.collaborator, self.ours | self.both | self.secret)
        self.assertReads(self.leader, self.ours | self.both)
        self.assertReads(self.management, self.cases)
        self.secret.with_user(self.director).authorized_user_ids = self.director | self.other_leader
        self.assertReads(self.other_leader, self.theirs | self.both)

    def test_declined_or_removed(self):
        """A process that no longer has the case no longer reads it."""
        self.ours.sudo().description = "Lo que nadie más debe leer"
        for step, user in (("decline", self.leader), ("remove", self.director)):
            with self.subTest(step), self.env.cr.savepoint() as savepoint:
                assignment = self.ours.sudo().assignment_ids
                getattr(assignment.with_user(user), f"action_{step}")("No es nuestra")
                for person in (self.collaborator, self.member, self.leader, self.deputy):
                    self.assertReads(person, self.both)
                    own = assignment.with_user(person)
                    vals = own.read(["case_subject", "case_description", "case_deadline"])[0]
                    self.assertFalse(vals["case_subject"] or vals["case_description"] or vals["case_deadline"])
                    self.assertFalse(own.search([("pqrs_id.description", "ilike", "nadie"), ("id", "=", own.id)]))
                savepoint.rollback()
        self.assertReads(self.collaborator, self.ours | self.both)

    def test_reassigned_from_outside_the_process(self):
        """A responsible from outside the process reads the case only while it is hers."""
        case = self.make_case()
        assignment = self.make_assignment(case, user_id=self.other_collaborator.id)
        self.builder.assign(self.unassigned, self.operations, users={self.operations: self.other_collaborator})
        self.assertTrue(case.with_user(self.other_collaborator).has_access("read"))
        assignment.with_user(self.leader).action_reassign(self.collaborator.id)
        self.reload()
        self.assertFalse(case.with_user(self.other_collaborator).has_access("read"))
        self.assertFalse(assignment.with_user(self.other_collaborator).has_access("read"))

    def test_identity_document(self):
        plain = self.make_case(document_type="cc", document_number="79555444")
        data = self.make_case(type="datos_consulta", document_type="cc", document_number="79555444")
        self.builder.assign(plain | data, self.operations, users={self.operations: self.collaborator})
        self.reload()
        for user in (self.director, self.administrator):
            self.assertIn("79555444", plain.with_user(user).identity_document)
            self.assertEqual(plain.with_user(user).document_number, "79555444")
        for user in (self.leader, self.deputy, self.collaborator, self.member, self.management):
            for case in (plain, data):
                own = case.with_user(user)
                for reading in (
                    lambda own=own: own.read(["document_number"]),
                    lambda own=own: own.read(["document_type"]),
                    lambda own=own: own.read(["uuid"]),
                    lambda own=own: own.export_data(["document_number"]),
                    lambda own=own: own.search([("document_number", "=", "79555444")]),
                    lambda own=own: own._read_group([], ["document_number"], ["__count"]),
                    lambda own=own: own.search([], order="document_number"),
                    lambda own=own: own.assignment_ids.search([("pqrs_id.document_number", "=", "79555444")]),
                ):
                    self.env.invalidate_all()
                    with self.assertRaises(AccessError):
                        reading()
                self.assertNotIn("document_number", own.fields_get())
            self.env.invalidate_all()
            self.assertFalse(plain.with_user(user).identity_document)
        for user in (self.leader, self.deputy, self.collaborator, self.member):
            self.assertIn("79555444", data.with_user(user).identity_document)
        for user in (self.management,):
            self.assertFalse(data.with_user(user).identity_document)

    def test_models_closed_to_the_rest(self):
        models = [model for model in self.env if model.startswith("sig.") and not self.env[model]._abstract]
        public = self.env.ref("base.public_user")
        for model in models:
            # What interviewers may do with the surveys they apply is proven in test_survey_security.
            interviewers = self.interviewer if not model.startswith("sig.survey.") else self.env["res.users"]
            for operation in ("read", "write", "create", "unlink"):
                for user in (self.portal, public, self.employee, *interviewers):
                    self.assertFalse(
                        self.env[model].with_user(user).has_access(operation), f"{user.name} {operation} {model}"
                    )
                # Dialogs that keep no case, and what top management writes: its reviews (test_management_review).
                dialogs = ("sig.client.sheet", "sig.evidence.wizard", "sig.pqrs.improvement.wizard")
                if operation != "read" and model not in dialogs and not model.startswith("sig.management."):
                    self.assertFalse(
                        self.env[model].with_user(self.management).has_access(operation), f"{operation} {model}"
                    )
        for user in (self.portal, public):
            with self.assertRaises(AccessError):
                self.env["sig.calendar"].with_user(user).due_date("2026-11-24", 15)

    def test_configuration_is_the_administrators(self):
        for user in (self.director, self.leader, self.collaborator):
            for model in (
                "sig.process",
                "sig.pqrs.type",
                "sig.nonworking.day",
                "sig.document",
                "sig.document.revision",
            ):
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(
                        self.env[model].with_user(user).has_access(operation), f"{user.name} {operation} {model}"
                    )
            with self.assertRaises(AccessError):
                self.company.with_user(user).write({"sig_policy_days": 90})


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestTalkAndRating(SigCommon):
    """On a case only the SIG speaks; the client never follows it, and rates alone."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(email_from="ana@example.com")
        self.assignment = self.make_assignment(self.case)

    def test_message_on_a_case(self):
        vals = {"model": "sig.pqrs", "res_id": self.case.id, "body": "x", "message_type": "comment"}
        for user in (
            self.collaborator,
            self.leader,
            self.deputy,
            self.management,
            self.other_collaborator,
            self.interviewer,
            self.employee,
            self.portal,
        ):
            count = len(self.case.sudo().message_ids)
            for post in (
                lambda user=user: self.case.with_user(user).message_post(body="x"),
                lambda user=user: self.case.with_user(user).message_post(body="x", partner_ids=self.contact.ids),
                lambda user=user: self.env["mail.message"].with_user(user).create(vals),
                lambda user=user: self.case.with_user(user).message_subscribe(self.contact.ids),
            ):
                with self.assertRaises(AccessError, msg=user.name), self.env.cr.savepoint():
                    post()
            self.env.invalidate_all()
            self.assertEqual(len(self.case.sudo().message_ids), count)
        self.case.with_user(self.director).message_post(body="Nota de la SIG")
        self.assignment.with_user(self.collaborator).message_post(body="Charla del borrador")
        with self.assertRaises(AccessError):
            self.assignment.with_user(self.management).message_post(body="x")

    def test_client_is_never_a_follower(self):
        case = self.case.with_user(self.director)
        case.message_post(body="Hola", partner_ids=self.contact.ids, subtype_xmlid="mail.mt_comment")
        case.with_context(mail_post_autofollow=True).message_post(body="Hola", partner_ids=self.contact.ids)
        case.message_subscribe(self.contact.ids)
        case.message_subscribe(self.portal.partner_id.ids)
        case.sudo().message_post(
            body="Del cliente", author_id=self.contact.id, subtype_xmlid="mail.mt_comment", message_type="email"
        )
        self.builder.draft(self.assignment)
        self.builder.approve(self.assignment)
        self.builder.send(case)
        self.builder.rate(case, 2, "Tarde")
        case.with_user(self.director).message_subscribe(self.management.partner_id.ids)
        followers = case.sudo().message_partner_ids
        self.assertIn(self.management.partner_id, followers)
        self.assertFalse(followers.filtered("partner_share"))

    def test_rating_is_the_clients(self):
        self.builder.draft(self.assignment)
        self.builder.approve(self.assignment)
        case = self.builder.send(self.case)
        token = case.sudo()._rating_get_access_token()
        rating = self.env["rating.rating"].sudo().search([("access_token", "=", token)])
        self.assertEqual(rating.res_id, case.id)
        for user in (self.administrator, self.director, self.leader, self.collaborator, self.employee):
            Rating = self.env["rating.rating"].with_user(user)
            self.assertFalse(Rating.search([("res_model", "=", "sig.pqrs")]))
            for attempt in (
                lambda rating=rating, user=user: rating.sudo(False).with_user(user).read(["access_token"]),
                lambda rating=rating, user=user: (
                    rating.sudo(False).with_user(user).write({"rating": 5, "consumed": True})
                ),
                lambda Rating=Rating: Rating.create(
                    {
                        "res_model_id": self.env["ir.model"]._get_id("sig.pqrs"),
                        "res_id": case.id,
                        "rating": 5,
                        "consumed": True,
                    }
                ),
                lambda user=user: case.with_user(user).rating_apply(5, token=token),
                lambda user=user: case.with_user(user).write({"rating_last_value": 5}),
                lambda user=user: case.with_user(user).write({"rating_value": 5}),
                lambda user=user: case.with_user(user)._rate_from_link(case._get_rating_by_token(token), 5, "x"),
            ):
                self.env.invalidate_all()
                with self.assertRaises(REFUSALS), self.env.cr.savepoint():
                    attempt()
        case.with_user(self.director).message_post(body="x", rating_value=5)
        self.assertEqual(
            self.env["rating.rating"].sudo().search_count([("res_model", "=", "sig.pqrs"), ("res_id", "=", case.id)]), 1
        )
        self.assertEqual((case.rating_state, case.rating_value, case.sudo().rating_count), ("asked", 0, 0))

    def test_pages_of_core_end_in_our_door(self):
        self.builder.draft(self.assignment)
        self.builder.approve(self.assignment)
        case = self.builder.send(self.case)
        token = case.sudo()._rating_get_access_token()
        rating = self.env["rating.rating"].sudo().search([("access_token", "=", token)])
        visitor = case.with_user(self.env.ref("base.public_user")).sudo()
        visitor.rating_apply(1, rating=rating.with_env(visitor.env), feedback="Tarde")
        self.assertEqual((case.rating_state, case.rating_value, case.rating_reason), ("rated", 1, "Tarde"))
        self.assertEqual(self.kinds(case)[-1], "rated")
        with self.assertRaises(UserError):
            visitor.rating_apply(5, rating=rating.with_env(visitor.env))
        self.assertEqual(case.sudo().rating_last_value, 1)
