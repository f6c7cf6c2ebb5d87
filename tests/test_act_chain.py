"""The chain of acts: what a person with the database can and cannot do to it unseen."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools import act_chain
from odoo.tests import BaseCase

KINDS = ("received", "acknowledged", "assigned", "requirement", "completion", "extension", "response_sent", "closed")


def make_act(number, previous, kind="assigned", note="", **content):
    salt = f"{number:032x}" if note else ""
    act = {
        "case": "0d6f", "number": number, "kind": kind, "date": f"2026-11-{number:02d} 15:00:00", "user": 7, "days": 0,
        "data": "{}", "note_commitment": act_chain.commit(note, salt), **content,
    }
    return {**act, "note": note, "note_salt": salt, "previous_digest": previous, "digest": act_chain.digest(previous, act)}


def make_chain(acts):
    """The chain of the acts given by keywords of `make_act`."""
    chain, previous = [], act_chain.GENESIS
    for number, values in enumerate(acts, 1):
        chain.append(make_act(number, previous, **values))
        previous = chain[-1]["digest"]
    return chain


def head(chain):
    """What is printed on the acknowledgement and on the answer."""
    return chain[-1]["number"], chain[-1]["digest"]


class TestActChain(BaseCase):
    def setUp(self):
        super().setUp()
        self.chain = make_chain([
            {"kind": "received"},
            {"kind": "assigned", "note": "Ana Ruiz"},
            {"kind": "requirement", "note": "Falta la cédula", "days": 0},
            {"kind": "extension", "days": 8},
            {"kind": "closed"},
        ])
        self.witness = head(self.chain)

    def assertFaults(self, chain, expected, witness=None):
        self.assertEqual(act_chain.verify(chain, witness), expected)

    def append(self, kind, data=None):
        number, previous = head(self.chain)
        self.chain.append(make_act(number + 1, previous, kind, data=json.dumps(data or {})))
        self.witness = head(self.chain)

    def erase_note(self, number):
        self.chain[number - 1].update(note=False, note_salt=False)

    def seal(self, number, **forged):
        self.chain[number - 1].update(user=None, sealed=True, **forged)

    def test_note_blanked_after_the_erasing(self):
        self.append("anonymized")
        self.chain.append(make_act(7, self.witness[1], "reopened", note="Sin objeto"))
        self.erase_note(7)
        self.assertFaults(self.chain, [(7, "note_missing")])

    def test_reserve_written_before_it_named_any(self):
        self.append("identity_reserved", {"text": "0" * 64})
        self.erase_note(2)
        self.erase_note(3)
        self.seal(1)
        self.assertFaults(self.chain, [], self.witness)
        self.seal(4)
        self.assertFaults(self.chain, [(4, "false_seal")], self.witness)

    def test_what_excuses_is_neither_sealed_nor_before(self):
        self.append("anonymized", {"sealed": [4, 6, 7]})
        self.chain.append(make_act(7, self.witness[1], "client_message"))
        self.seal(7)
        self.assertFaults(self.chain, [(7, "false_seal")])
        self.seal(6)
        self.seal(4)
        self.assertFaults(self.chain, [(4, "false_seal"), (6, "false_seal"), (7, "false_seal")])

    def test_nonsense_excuses_nothing(self):
        for data in ("", "x", "[1]", "[" * 9999, '{"sealed": 1}', '{"sealed": ["1", null, [1]]}'):
            self.setUp()
            number, previous = head(self.chain)
            self.chain.append(make_act(number + 1, previous, "anonymized", data=data))
            self.seal(1)
            self.assertFaults(self.chain, [(1, "false_seal")])

    def test_erased_note_cannot_be_replaced(self):
        self.chain[1].update(note="Pedro Gómez", note_salt=False)
        self.assertFaults(self.chain, [(2, "note_altered")], self.witness)
        self.append("anonymized")
        self.assertFaults(self.chain, [(2, "note_altered")], self.witness)

    def test_digest_is_this_one(self):
        """Heads are on paper: what computes them can never change."""
        content = {
            "case": "0d6f", "number": 1, "kind": "received", "date": "2026-11-24 15:00:00 2026-11-24 15:00:00",
            "user": 2, "days": 0, "data": '{"type": "petición"}',
            "note_commitment": act_chain.commit("Señora Muñoz", "00ff"),
        }
        self.assertEqual(act_chain.digest(act_chain.GENESIS, content), "c39bdf94bd9a4cc310fcdfb95501776c7965906facc4c62d6627542badde3aec")


texts = st.text(st.characters(codec="utf-8"), max_size=12)
acts = st.fixed_dictionaries({
    "kind": st.sampled_from(KINDS), "note": texts, "date": st.datetimes().map(str), "user": st.integers(1, 50),
    "days": st.integers(0, 60), "data": texts,
})
chains = st.lists(acts, min_size=1, max_size=6).map(make_chain)

#: every stored value of an act, with what it may be changed to
CHANGES = {
    "case": texts, "number": st.integers(-1, 9), "kind": st.sampled_from(KINDS), "date": texts,
    "user": st.integers(0, 50), "days": st.integers(0, 60), "data": texts, "note_commitment": texts,
    "note": st.one_of(texts, st.none()), "sealed": st.just(True), "previous_digest": texts, "digest": texts,
}


class TestProperties(BaseCase):
    @settings(max_examples=100, deadline=None)
    @given(chains)
    def test_untouched_chains_hold(self, chain):
        for number in range(len(chain)):
            self.assertEqual(act_chain.verify(chain, head(chain[: number + 1])), [])

    @settings(max_examples=400, deadline=None)
    @given(st.data())
    def test_any_change_of_one_value_is_found(self, data):
        chain = data.draw(chains)
        act = data.draw(st.sampled_from(chain))
        name = data.draw(st.sampled_from(sorted(CHANGES)))
        value = data.draw(CHANGES[name].filter(lambda value: (value or "") != (act.get(name) or "")))
        number, witness = act["number"], head(chain)
        act[name] = value
        faults = act_chain.verify(chain, witness)
        self.assertTrue(faults, f"{name} of act {number} was changed to {value!r} unseen")

    @settings(max_examples=200, deadline=None)
    @given(chains, st.data())
    def test_any_other_arrangement_is_found(self, chain, data):
        indexes = range(len(chain))
        order = data.draw(st.lists(st.sampled_from(indexes), max_size=len(chain) + 1).filter(lambda order: order != list(indexes)))
        self.assertTrue(act_chain.verify([chain[index] for index in order], head(chain)))

    @settings(max_examples=200, deadline=None)
    @given(chains, st.data())
    def test_only_an_act_of_it_erases(self, chain, data):
        """Whatever is taken out of a chain is excused by the act of it alone, and only what that covers."""
        kind = data.draw(st.sampled_from(["anonymized", "identity_reserved", "reopened"]))
        numbers = st.sets(st.integers(1, len(chain)))
        named, blanked, sealed = data.draw(numbers), data.draw(numbers), data.draw(numbers)
        said = {"sealed": sorted(named), "notes": sorted(named)}
        chain.append(make_act(len(chain) + 1, chain[-1]["digest"], kind, data=json.dumps(said)))
        expected = set()
        for act in chain[:-1]:
            number = act["number"]
            names_it = number in named and kind != "reopened"
            if number in blanked and act["note"]:
                act.update(note=False, note_salt=False)
                if not names_it and kind != "anonymized":
                    expected.add((number, "note_missing"))
            if number in sealed:
                act.update(user=None, sealed=True)
                if not names_it or act["kind"] in ("response_sent", "closed"):
                    expected.add((number, "false_seal"))
        self.assertEqual(set(act_chain.verify(chain, head(chain))), expected)
