"""Nothing of what was filed, said or done is deleted, by nobody and by no door."""
from unittest.mock import patch

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command

from .common import SigCommon
from .test_survey_wave import SurveyCommon


class TestPrivacyLookup(SurveyCommon):
    """Core's look-up of a person deletes and archives as superuser, for who administers Odoo."""

    def test_what_a_person_said_and_was_asked_stays(self):
        client, admin = self.clients[0], self.env.ref("base.user_admin")
        case = self.make_case(partner_id=client.id, email_from=client.email).with_env(self.env)
        reserved = self.make_case(partner_id=client.id, identity_reserved=True).identity_ids.with_env(self.env)
        case.message_post(body="Soy yo", author_id=client.id)
        case._rating_get_access_token()
        reserved.message_post(body="Llamó", author_id=client.id, attachments=[("acta.txt", b"x")])
        wave = self.launch(date_start="2026-11-20")
        wizard = self.env["privacy.lookup.wizard"].with_user(admin).create({"name": client.name, "email": client.email})
        wizard.action_lookup()
        lines = wizard.line_ids.filtered(lambda line: line.res_model.startswith("sig.") or line.res_model in ("mail.message", "rating.rating"))
        self.assertLessEqual({"sig.pqrs.identity", "sig.survey.recipient", "mail.message", "rating.rating"}, {*lines.mapped("res_model")})
        file = self.env["ir.attachment"].search([("res_model", "=", reserved._name), ("res_id", "=", reserved.id)])
        sent = self.env["sig.survey.delivery"].create({"wave_id": wave.id, "user_id": admin.id, "date_requested": "2026-11-24"})
        self.assertEachRaises(UserError, *(records.with_env(self.env(user=admin, su=True)).unlink for records in (file, sent)))
        self.assertEachRaises(UserError, *(line.action_unlink for line in lines), lines.action_unlink_all)
        model = self.env["ir.model"]._get("res.users").id
        self.make_assignment(case)
        line = lines.create({"res_model_id": model, "res_id": self.collaborator.id, "is_active": True})
        self.assertEachRaises(RedirectWarning, line.action_archive_all)
        mail = self.env["mail.mail"].create({"model": case._name, "res_id": case.id, "auto_delete": True, "email_to": "x@example.com"})
        mail.with_user(admin)._postprocess_sent_message([], [])
        self.assertFalse(mail.exists(), "what core deletes of its own goes on")


class TestNothingIsDeleted(SigCommon):
    """Acts are for ever, and so are cases and assignments."""

    def test_acts(self):
        case = self.make_closed()
        act = case.sudo().act_ids[0]
        vals = {"pqrs_id": case.id, "number": 99, "kind": "closed", "date": "2026-11-24 10:00:00", "digest": "x"}
        self.assertDenied(
            act, self.administrator | self.director | self.leader | self.collaborator | self.management | self.portal | self.env.user,
            lambda own: own.create(vals), lambda own: own.write({"note": "x"}), lambda own: own.write({}),
            lambda own: own.unlink(), lambda own: own.copy(), lambda own: own.sudo().write({"kind": "received"}),
            lambda own: own.sudo().unlink(), lambda own: own.sudo().create(vals), error=UserError,
        )
        self.assertChain(case)

    def test_cases_and_assignments(self):
        case = self.make_case()
        assignment = self.make_assignment(case)
        users = self.administrator | self.director | self.leader | self.collaborator | self.env.user
        for record in (case, assignment):
            self.assertDenied(record, users, lambda own: own.unlink(), lambda own: own.sudo().unlink(), error=UserError)
        self.assertTrue(case.exists() and assignment.exists())

    def test_commands_through_other_records(self):
        case = self.make_case()
        assignment = self.make_assignment(case)
        other = self.make_assignment(process=self.technology)
        act = case.sudo().act_ids[0]
        ours = {"sig.pqrs": case, "sig.pqrs.assignment": assignment, "sig.pqrs.act": act}
        others = {"sig.pqrs": other.pqrs_id, "sig.pqrs.assignment": other, "sig.pqrs.act": other.sudo().pqrs_id.act_ids[0]}
        change = {"sig.pqrs": {"state": "closed"}, "sig.pqrs.assignment": {"state": "approved"}, "sig.pqrs.act": {"note": "x"}}
        doors = [
            field for model in self.env.registry.values() for field in model._fields.values()
            if field.type == "one2many" and field.store and field.comodel_name in ours and not model._abstract
        ]
        self.assertIn(self.env["sig.pqrs"]._fields["assignment_ids"], doors)
        for field in doors:
            inside, outside = ours[field.comodel_name], others[field.comodel_name]
            owner = inside.sudo()[field.inverse_name]
            if not owner:
                continue
            before = owner[field.name].ids
            for user in (self.administrator, self.director, self.leader, self.collaborator):
                for command in (
                    Command.create(change[field.comodel_name]), Command.update(inside.id, change[field.comodel_name]),
                    Command.delete(inside.id), Command.unlink(inside.id), Command.link(outside.id),
                    Command.set(outside.ids), Command.clear(),
                ):
                    with self.subTest(field=str(field), command=command), self.assertRaises(UserError), self.env.cr.savepoint():
                        owner.sudo(False).with_user(user).write({field.name: [command]})
                        self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(owner[field.name].ids, before)
        self.assertChain(case)

    def test_commands_when_filing(self):
        """Filing writes as superuser, but the commands in its values run with the rights of who files."""
        vals = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "phone"}
        foreign = self.env["ir.attachment"].create({"name": "nómina.txt", "raw": b"secreto"})
        system = self.env.ref("base.group_system")
        Pqrs = self.env["sig.pqrs"].with_user(self.director)
        self.startPatcher(patch.object(self.env.transaction, "default_env", Pqrs.env))  # as in a request of hers
        for commands in (
            {"authorized_user_ids": [Command.create({"login": "x", "name": "x", "group_ids": [Command.set(system.ids)]})]},
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
                        self.assertTrue(
                            values is vals or "message_follower_ids" in commands,
                            "commands among the values are refused; in the context, and followers, may come to nothing",
                        )
                    except UserError:
                        savepoint.rollback()
                    self.assertEqual((foreign.exists().name, foreign.res_model), ("nómina.txt", False))
                    self.assertFalse(self.director.has_group("base.group_system"))
                    self.assertFalse(self.env["res.users"].search([("login", "=", "x")]))
                    followers = self.env["mail.followers"].search([("res_model", "=", "sig.pqrs")])
                    self.assertNotIn(self.contact, followers.partner_id)
                    self.assertFalse(self.env["rating.rating"].search([("res_model", "=", "sig.pqrs")]))
                    savepoint.rollback()
        case = Pqrs.create({
            **vals, "attachment_ids": [Command.create({"name": "foto.txt", "raw": b"foto"})],
            "authorized_user_ids": [Command.link(self.collaborator.id)],
        })
        self.assertEqual((case.attachment_ids.res_model, case.attachment_ids.res_id), ("sig.pqrs", case.id))
        self.assertEqual(case.authorized_user_ids, self.collaborator)
