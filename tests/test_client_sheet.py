"""The client sheet: what a reader may know of a client before a visit, on the screen and on paper."""

from odoo.exceptions import AccessError, ValidationError

from .common import SigCommon, date, freeze_time, moment


@freeze_time("2026-11-24 15:00:00")
class TestClientSheet(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        reason = cls.env["sig.pqrs.reason"].create({"name": "Ronda sin realizar"})
        cls.late = cls.answered(date(2026, 9, 1), date(2026, 10, 6), reason_id=reason.id)
        cls.good = cls.answered(date(2026, 10, 5), date(2026, 10, 12), reason_id=reason.id, partner_id=cls.client.id)
        cls.builder.rate(cls.good, 4, "Bien", moment(cls.company, date(2026, 10, 14)))
        cls.waiting = cls.file(date(2026, 11, 20), subject="Puerta abierta")
        cls.overdue = cls.file(date(2026, 10, 20), subject="Sin respuesta")
        cls.builder.assign(cls.overdue, cls.operations, moment(cls.company, date(2026, 10, 21)))
        cls.overdue.sudo()._compute_deadline_state()
        cls.old = cls.file(date(2025, 1, 10), subject="De antes")
        cls.old.action_withdraw("Se resolvió")
        cls.stranger = cls.builder.file({"partner_name": "Otra persona"})

    @classmethod
    def file(cls, day, **vals):
        return cls.builder.file({"partner_id": cls.contact.id, **vals}, moment(cls.company, day))

    @classmethod
    def answered(cls, received, answered, **vals):
        case = cls.file(received, **vals)
        when = moment(cls.company, answered)
        return cls.builder.send(cls.builder.answer(case, cls.operations, when), when)

    def sheet(self, user=None, partner=None):
        partner = (partner or self.client).with_user(user or self.director)
        action = partner.action_open_client_sheet()
        return self.env["sig.client.sheet"].with_user(user or self.director).browse(action["res_id"])

    def test_figures(self):
        sheet = self.sheet()
        self.assertEqual((sheet.date_from, sheet.date_to), (date(2025, 12, 1), date(2026, 11, 24)))
        figures = sheet._get_figures()
        self.assertEqual(
            {name: figures[name] for name in ("received", "answered", "open", "overdue", "rated", "rating")},
            {"received": 4, "answered": 2, "open": 2, "overdue": 1, "rated": 1, "rating": 4},
        )
        self.assertAlmostEqual(figures["on_time"], 100 / 3)
        [(reason, times, last)] = sheet._get_repeated_reasons()
        self.assertEqual((reason.name, times, last.month), ("Ronda sin realizar", 2, 10))
        self.assertEqual(sheet._get_open_cases(), self.overdue | self.waiting)

    def test_body(self):
        body = self.sheet().body
        for expected in ("Puerta abierta", "Sin respuesta", "33 %", "Ronda sin realizar", "Bien", "20/11/2026"):
            self.assertIn(expected, body)
        for absent in ("Otra persona", "De antes", "What we promised"):
            self.assertNotIn(absent, body)
        self.assertRegex(body, r'<div class="sig_kept">\s*<h3>What repeats', "no page cuts a short table")

    def test_period(self):
        sheet = self.sheet()
        sheet.date_from = date(2025, 1, 1)
        self.assertEqual(sheet._get_figures()["received"], 5)
        for start, end in ((date(2026, 2, 1), date(2026, 1, 1)), (date(2016, 1, 1), date(2026, 1, 1))):
            with self.assertRaises(ValidationError):
                sheet.write({"date_from": start, "date_to": end})

    def test_person_and_nobody(self):
        self.assertEqual(self.sheet(partner=self.contact)._get_figures()["received"], 3)
        empty = self.sheet(partner=self.env["res.partner"].create({"name": "Nadie"}))
        figures = empty._get_figures()
        self.assertEqual((figures["received"], figures["on_time"], figures["rating"]), (0, None, None))
        self.assertIn("Nothing is open", empty.body)

    def test_only_what_the_reader_reads(self):
        self.assertEqual(self.sheet(self.management)._get_figures()["received"], 4)
        self.waiting.write({"restricted": True, "authorized_user_ids": [(6, 0, self.director.ids)]})
        self.assertNotIn("Puerta abierta", self.sheet(self.management).body)
        self.assertEqual(self.sheet(self.management)._get_figures()["open"], 1)
        self.assertIn("Puerta abierta", self.sheet(self.director).body)
        drafter = self.sheet(self.collaborator)
        self.assertEqual(drafter._get_open_cases(), self.overdue)
        self.assertNotIn("Puerta abierta", drafter.body)
        self.assertEqual(self.sheet(self.other_collaborator)._get_figures()["received"], 0)
        for user in (self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.sheet(user)

    def test_sheet_of_another_reader(self):
        """It holds a client and dates: whoever comes by it reads in it their own cases."""
        sheet = self.sheet(self.director)
        self.assertIn("Puerta abierta", sheet.body)
        self.reload()
        self.assertNotIn("Puerta abierta", sheet.with_user(self.collaborator).read(["body"])[0]["body"])

    def test_counter_and_list_agree(self):
        self.contact.active = False
        grandchild = self.env["res.partner"].create({"name": "Nieta", "parent_id": self.contact.id})
        self.builder.file({"partner_id": grandchild.id})
        for contact, expected in ((self.client, 6), (self.contact, 5), (grandchild, 1)):
            partner = contact.with_user(self.director)
            self.assertEqual(partner.sig_pqrs_count, expected)
            domain = partner.action_view_sig_pqrs()["domain"]
            self.assertEqual(self.env["sig.pqrs"].with_user(self.director).search_count(domain), expected)

    def test_printed(self):
        report = self.env["ir.actions.report"].with_user(self.director)
        text = report._render_qweb_html("sig_pqrs.report_client_sheet", self.sheet().ids)[0].decode()
        for expected in ("FOR-SIG-PQRS-02", "Conjunto El Roble", "Puerta abierta", "Gerente General"):
            self.assertIn(expected, text)
