from functools import partial

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import freeze_time
from .test_client_steps import PDF, ClientCommon

SECRET = "Robo en la bodega"


class TestLinkedCases(ClientCommon):
    """Who may not read a case learns nothing of it by another one of the same petitioner."""

    def close_and_write(self, **vals):
        """A case, and the one that came out of what its petitioner wrote after the closing."""
        case = self.builder.send(self.make_approved(self.make_own(subject=SECRET, **vals)))
        self.client_step(self.as_client(case), "write", "Siguen igual", [PDF])
        return case, self.env["sig.pqrs"].browse(case.with_user(self.director).action_new_case_from_message()["res_id"])

    def hide(self, case):
        case.with_user(self.director).write({"restricted": True, "authorized_user_ids": [Command.set(self.collaborator.ids)]})

    def test_duplicates_are_offered_of_the_same_petitioner(self):
        """Others are neither offered nor taken; under reserve, those under reserve. No term begins again."""
        case, again = self.make_own(), self.make_own(subject="Otra vez")
        unfiled = self.make_unfiled(partner_id=again.partner_id.id)
        extended = self.make_own(type="informacion")
        self.as_director(extended).action_extend(10, "Faltan registros")
        with freeze_time("2026-11-25 15:00:00"):
            newer, latest = self.make_own(type="informacion"), self.make_own()
            answered = self.builder.send(self.make_approved(self.make_own()))
        renewing = unfiled, extended, newer, latest
        reserved = self.make_own(subject="Bajo reserva", identity_reserved=True)
        cancelled = self.make_own(subject="Anulada")
        cancelled.with_user(self.director).action_cancel("spam", "No es")
        withdrawn = self.make_own(subject="Desistida")
        withdrawn.with_user(self.director).action_withdraw("Ya no")
        transferred = self.make_own(subject="Trasladada")
        transferred.with_user(self.director).action_transfer("Alcaldía", "No es nuestra")
        stranger = self.make_case(partner_id=False, partner_name="Otra", email_from="otra@example.com")
        step = {"pqrs_id": again.id, "step": "cancel"}
        wizard = self.env["sig.pqrs.step.wizard"].with_user(self.director)
        offered = wizard.new(step).original_ids._origin
        self.assertEqual(offered & (case | answered), case | answered)
        self.assertFalse(offered & (again | reserved | cancelled | withdrawn | transferred | stranger).union(*renewing))
        cancel = again.with_user(self.director).action_cancel
        others = (stranger, reserved, again, withdrawn, transferred, *renewing)
        bad = (("duplicate", False), ("late", case.id), *(("duplicate", other.id) for other in others))
        self.assertEachRaises(UserError, *(partial(cancel, kind, "Repetida", original) for kind, original in bad))
        self.assertDenied(wizard, self.leader | self.collaborator, lambda own: own.new(step).mapped("original_ids"))
        for ended, original, said in ((again, latest, "end that one"), (newer, extended, "answer both")):
            repeat = partial(self.as_director(ended).action_cancel, "duplicate", "x", original.id)
            self.assertEachRaises(UserError, repeat, said=said)

    def test_case_that_came_out_of_a_restricted_one(self):
        case, new = self.close_and_write()
        self.builder.assign(new, self.technology)
        self.assertEqual([each.with_user(self.management).linked_case_ids for each in (new, case)], [case, new])
        self.assertEqual(new.with_user(self.director).origin_id, case)
        case.sudo().restricted = True
        self.reload()
        self.assertFalse(case.with_user(self.other_collaborator).has_access("read"))
        users = self.other_collaborator | self.other_leader | self.management
        users.group_ids += self.env.ref("base.group_allow_export")
        for user in users:
            own = new.with_user(user)
            fields = [name for name, field in own._fields.items() if own._has_field_access(field, "read")]
            told = str(own.with_context(sig_show_subject=True).read(fields))
            spec = {
                name: {"fields": {"display_name": {}}} if own._fields[name].relational else {}
                for name in fields
                if own._fields[name].type not in ("one2many", "many2many")
            }
            told += str(own.with_context(sig_show_subject=True).web_read(spec))
            told += str(own.message_ids.mapped("body")) + str(own.message_ids.mapped("subject"))
            told += str(own.act_ids.read(["note", "data"])) + own.display_name
            told += str(own.activity_ids.mapped("summary"))
            self.assertNotIn(case.name, told, user.name)
            for name in ("origin_id", "duplicate_of_id"):
                self.assertEachRaises(
                    AccessError, lambda name=name, own=own: own.read([name]),
                    lambda name=name, own=own: own.export_data([name]),
                    lambda name=name, own=own: own.export_data([f"{name}/subject"]),
                    lambda name=name, own=own: own.search([(name, "=", case.id)]),
                    lambda name=name, own=own: own.search([(f"{name}.subject", "=", SECRET)]),
                    lambda name=name, own=own: own.formatted_read_group([], [name], ["__count"]),
                    lambda name=name, own=own: own.with_context(sig_show_subject=True).web_read(
                        {name: {"fields": {"display_name": {}}}}
                    ),
                )
            self.assertFalse(own.linked_case_ids & case)
            self.assertNotIn(case, own.search([]))
            self.assertFalse(own.name_search(case.name))

    def test_restricted_case_that_came_out_of_another(self):
        case, new = self.close_and_write()
        self.builder.assign(new, self.technology)
        new.sudo().restricted = True
        self.reload()
        for user in (self.collaborator, self.management):
            own = case.with_user(user)
            told = str(own.act_ids.read(["note", "data"])) + str(own.message_ids.mapped("body"))
            self.assertNotIn(new.name, told, user.name)
            self.assertFalse(own.linked_case_ids)

    def test_duplicate_of_a_case_restricted_later(self):
        case, again = self.make_own(subject=SECRET), self.make_own(subject="Otra vez")
        self.builder.assign(again, self.technology)  # which had begun
        again.with_user(self.director).write({"involves_staff": True, "involves_incident": True})
        cancel = again.with_user(self.director).action_cancel
        for args in (("duplicate", "Repetida", case.id), ("spam", "No es PQRS")):
            self.assertEachRaises(UserError, partial(cancel, *args), said="the authorities")
        case.with_user(self.director).write({"involves_staff": True, "involves_incident": True})
        cancel("duplicate", "Repetida", case.id)
        self.assertEqual((again.state, again.outcome, again.duplicate_of_id), ("cancelled", "duplicate", case))
        self.hide(case)
        self.reload()
        self.assertDenied(again, self.other_collaborator | self.other_leader | self.management, lambda own: own.read(["subject"]))
        self.assertTrue(again.with_user(self.director).has_access("read"))

    def test_a_colleague_of_the_client(self):
        case, again = self.make_own(restricted=True), self.make_own()
        self.portal.partner_id.sig_hera_colleagues = self.colleague.partner_id.sig_hera_colleagues = True
        again.with_user(self.director).action_cancel("duplicate", "Repetida", case.id)
        own, colleague = self.see(again), self.see(again, own=False)
        self.assertIn(case.name, str(own))
        self.assertNotIn(case.name, str(colleague))
