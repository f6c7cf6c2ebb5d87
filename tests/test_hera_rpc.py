from .rpc import RpcCommon


class TestHeraRpc(RpcCommon):
    """Users of HERA have no model of ours at all: what they see are the values of its pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_case(partner_id=cls.portal.partner_id.id)
        cls.make_assignment(cls.case)

    def test_own_case_by_every_method(self):
        for method, kwargs in (
            ("read", {"fields": ["name"]}), ("web_read", {"specification": {"name": {}}}), ("export_data", {"fields_to_export": ["name"]}),
            ("message_post", {"body": "x"}), ("write", {"vals": {"site": "x"}}), ("copy", {}), ("unlink", {}),
            ("rating_apply", {"rate": 5}), ("action_withdraw", {"reason": "x"}), ("action_write_to_client", {"text": "x"}),
            ("action_revoke_tracking", {"reason": "x"}), ("action_download_letter", {}),
        ):
            self.assertRefused(self.portal, "sig.pqrs", method, self.case.ids, **kwargs)
        self.assertEqual(self.case.state, "assigned")

    def test_flags_of_the_own_contact(self):
        """Nobody gives themselves the requests of the whole company."""
        partner = self.portal.partner_id
        for record in (partner, self.portal):
            status, _body = self.json2(self.portal, record._name, "write", record.ids, vals={"sig_hera_colleagues": True})
            self.assertIn(status, (403, 422))
        self.assertFalse(partner.sig_hera_colleagues)
        self.assertDenied(partner, self.collaborator, lambda own: own.sig_hera_colleagues)
