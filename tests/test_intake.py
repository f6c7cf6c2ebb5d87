import io
import struct
import zipfile
from unittest.mock import patch
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from werkzeug.datastructures import FileStorage

from odoo import SUPERUSER_ID, api
from odoo.addons.sig_pqrs.models.channel.pqrs_intake import TEXTS
from odoo.addons.sig_pqrs.models.channel.upload import MAX_FILE_MB, MAX_FILES, Upload
from odoo.addons.sig_pqrs.tools import file_kind, photo
from odoo.tests import BaseCase, tagged

from .common import OwnTransactions, SigCommon, date, erase, freeze_time, real_clock

JPEG = b"\xff\xd8\xff\xe0" + bytes(60)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
HEIC = bytes(4) + b"ftypheic" + bytes(60)
PDF = b"%PDF-1.7\n" + bytes(60)
GPS = "Bogotá 4.6 N 74.1 W"

#: a complete petition, by the names of the form
FORM = {
    "type": "queja", "person_type": "natural", "document_type": "cc", "document_number": "52.123.456",
    "name": "Ana Ruiz", "email": "ana@example.com", "phone": "310 555 1234", "city": "Bogotá", "capacity": "client",
    "site": "Portería norte", "incident_date": "2026-11-20", "subject": "Ronda nocturna sin realizar",
    "description": "El guarda no hizo la ronda de las dos.", "remedy": "Que se cumpla la consigna.",
    "response_medium": "email", "notice": "1",
}


def take_photo(kind, orientation=6):
    """A photo that says who took it, with what and how it is turned."""
    if kind == "WEBP":  # not every Pillow writes it
        return take_webp()
    picture = Image.effect_noise((24, 16), 80).convert("RGB")
    exif = Image.Exif()
    exif.update({0x0112: orientation, 0x010E: GPS, 0x0110: "Celular de Ana", 0x013B: "Ana Ruiz"})
    stream = io.BytesIO()
    picture.save(stream, kind, exif=exif, xmp=b"<x:xmpmeta>Ana Ruiz</x:xmpmeta>")
    return stream.getvalue()


def take_webp():
    """The parts of a WebP, as its container orders them; the picture is a pixel without loss."""
    header = bytes([0x10 | 0x08 | 0x04, 0, 0, 0]) + bytes(6)
    pixel = bytes.fromhex("2f00000000071011fd0f444400")
    chunks = ((b"VP8X", header), (b"VP8L", pixel), (b"EXIF", b"II*\x00Ana Ruiz"), (b"XMP ", b"<x>Ana Ruiz</x>"))
    body = b"".join(name + struct.pack("<L", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body


def look(content):
    """Its pixels; of a WebP, the part that holds them."""
    if content.startswith(b"RIFF"):
        start = content.index(b"VP8L")
        return content[start : start + 8 + 13]
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB").tobytes()


@tagged("post_install", "-at_install")
class TestFileKind(BaseCase):
    """A file is what its name and its first bytes say together."""

    def test_what_people_send(self):
        for name, content, mimetype in (
            ("acta.pdf", PDF, "application/pdf"),
            ("FOTO.JPG", JPEG, "image/jpeg"),
            ("captura.png", PNG, "image/png"),
            ("foto.jpg", take_webp(), "image/webp"),
            ("IMG_1.JPEG", HEIC, "image/heic"),
            ("voz.opus", b"OggS" + bytes(60), "audio/ogg"),
            ("video.mp4", bytes(4) + b"ftypisom" + bytes(60), "video/mp4"),
            ("video.mov", bytes(4) + b"moov" + bytes(60), "video/quicktime"),
            ("carta.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), "application/msword"),
            ("nota.txt", "Año 2026".encode("latin-1"), "text/plain"),
            ("nota.txt", "\ufeffHola <b>".encode("utf-16-le"), "text/plain"),
            ("lista.csv", b"a;b\n1;2\n", "text/csv"),
        ):
            with self.subTest(name=name):
                self.assertEqual(file_kind.inspect(name, content), (name, mimetype, ""))

    def test_without_an_extension(self):
        self.assertEqual(file_kind.inspect("image", JPEG), ("image.jpg", "image/jpeg", ""))
        self.assertEqual(file_kind.inspect(".pdf", PDF).name, ".pdf.pdf")
        self.assertEqual(file_kind.inspect("programa", b"MZ" + bytes(60)).problem, "refused")

    def test_what_is_not_taken(self):
        for name, content, problem in (
            ("vacio.pdf", b"", "empty"),
            ("foto.jpg.exe", b"MZ" + bytes(60), "refused"),
            ("macro.docm", b"PK\x03\x04" + bytes(60), "refused"),
            ("foto.jpg", b"MZ" + bytes(60), "disguised"),
            ("foto.jpg", PDF, "disguised"),
            ("foto.heic", bytes(4) + b"ftypisom" + bytes(60), "disguised"),
            ("acta.pdf", JPEG, "disguised"),
            ("nota.txt", b"MZ\x90\x00" + bytes(60), "disguised"),
            ("nota.txt", b"#!/bin/sh\nrm -rf /", "disguised"),
            ("pagina.html", b"hola", "markup"),
            ("dibujo.svg", b"<svg onload=alert(1)>", "markup"),
            ("foto.png", b" \n<SVG xmlns='x'><script>alert(1)</script></svg>", "markup"),
            ("nota.txt", b"\xef\xbb\xbf<!DOCTYPE html><script>", "markup"),
            ("nota.txt", "\ufeff<script>alert(1)</script>".encode("utf-16-le"), "markup"),
            ("datos.csv", b"<?xml version='1.0'?><svg/>", "markup"),
        ):
            with self.subTest(name=name, content=content):
                self.assertEqual(file_kind.inspect(name, content).problem, problem)

    @given(st.text(max_size=30), st.binary(max_size=60))
    def test_anything(self, name, content):
        kind = file_kind.inspect(name, content)
        self.assertEqual(bool(kind.problem), not kind.mimetype)
        self.assertNotIn(kind.mimetype, ("text/html", "image/svg+xml", "application/octet-stream"))


@tagged("post_install", "-at_install")
class TestPhoto(BaseCase):
    """What goes beside the picture goes, and the picture stays."""

    def test_nothing_of_who_took_it(self):
        for kind in ("JPEG", "PNG", "WEBP"):
            with self.subTest(kind=kind):
                content = take_photo(kind)
                self.assertIn(b"Ana Ruiz", content)
                clean = photo.without_metadata(content)
                self.assertNotIn(b"Ana", clean)
                self.assertEqual((look(clean), photo.without_metadata(clean)), (look(content), clean))
        webp = photo.without_metadata(take_webp())
        self.assertEqual(struct.unpack_from("<L", webp, 4), (len(webp) - 8,))
        self.assertEqual(webp[20], 0x10, "it no longer says that it has them, and stays transparent")

    def test_it_stays_upright(self):
        for orientation in (*range(10), 300):  # only 1 to 8 say something
            clean = photo.without_metadata(take_photo("JPEG", orientation))
            with Image.open(io.BytesIO(clean)) as picture:
                self.assertEqual(picture.getexif().get(0x0112, 1), orientation if 1 <= orientation <= 8 else 1)
                self.assertLessEqual(len(picture.getexif()), 1)

    def test_text_of_programs(self):
        stream = io.BytesIO()
        Image.new("RGB", (4, 4)).save(stream, "JPEG", comment=b"Ana Ruiz")
        self.assertNotIn(b"Ana", photo.without_metadata(stream.getvalue()))
        for kind in ("PNG", "JPEG"):  # phones write a film behind the picture
            self.assertNotIn(b"Ana", photo.without_metadata(take_photo(kind) + b"Ana Ruiz"))

    def test_padding_between_its_parts(self):
        """Cameras may put any number of FF before a part of a JPEG."""
        content = take_photo("JPEG")
        position, padded = 2, [content[:2]]
        while content[position + 1] != 0xDA:
            [length] = struct.unpack_from(">H", content, position + 2)
            padded += [b"\xff\xff\xff", content[position : position + 2 + length]]
            position += 2 + length
        clean = photo.without_metadata(b"".join([*padded, b"\xff", content[position:]]))
        self.assertNotIn(b"Ana", clean)
        self.assertEqual(look(clean), look(content))
        with Image.open(io.BytesIO(clean)) as picture:
            self.assertEqual(picture.getexif().get(0x0112), 6)

    def test_what_is_no_photo_stays(self):
        for content in (b"", b"%PDF-1.4 Ana", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00", b"\x89PNG\r\n\x1a\nabc", b"RIFF"):
            self.assertEqual(photo.without_metadata(content), content)

    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from(("JPEG", "PNG", "WEBP")), st.integers(0, 400), st.binary(max_size=40))
    def test_broken_photos_break_nothing(self, kind, cut, tail):
        content = take_photo(kind)
        broken = content[: min(cut, len(content))] + tail
        self.assertIsInstance(photo.without_metadata(broken), bytes)


class IntakeCommon(SigCommon):
    def read_form(self, files=(), partner=None, **form):
        """The petition of the complete form, with changes; None takes a field out."""
        form = {name: value for name, value in {**FORM, **form}.items() if value is not None}
        return self.env["sig.pqrs.intake"]._read_petition(form, list(files), self.company, partner)

    def file(self, token=None, channel="web", files=(), partner=None, to_verify=False, **form):
        petition = self.read_form(files, partner, **form)
        self.assertFalse(petition.errors)
        return self.env["sig.pqrs.intake"]._file_petition(petition, channel, token, to_verify)


class TestFiling(IntakeCommon):
    """What is read of a form: clean, bounded, with a message for whatever is wrong, and never a failure; and filed."""

    def test_complete(self):
        petition = self.read_form()
        self.assertEqual(petition.errors, {})
        self.assertEqual(
            petition.values,
            {
                "company_id": self.company.id, "type_id": self.env.ref("sig_pqrs.type_queja").id, "anonymous": False,
                "priority": "0", "incident_date": date(2026, 11, 20), "subject": "Ronda nocturna sin realizar",
                "description": "El guarda no hizo la ronda de las dos.", "remedy": "Que se cumpla la consigna.",
                "site": "Portería norte", "partner_name": "Ana Ruiz", "email_from": "ana@example.com",
                "phone": "310 555 1234", "city": "Bogotá", "document_number": "52.123.456", "person_type": "natural",
                "document_type": "cc", "capacity": "client", "response_medium": "email",
            },
        )
        self.assertTrue(petition.notice)
        self.assertFalse(petition.consent_surveys, "silence is never consent")

    def test_the_least_that_is_needed(self):
        least = ("type", "name", "phone", "subject", "description", "notice")
        petition = self.read_form(**{name: FORM[name] if name in least else None for name in FORM})
        self.assertEqual((petition.errors, petition.values["response_medium"]), ({}, "phone"))
        self.assertEqual(self.read_form(email="\u200bana@example.com\u2060").values["email_from"], "ana@example.com")

    def test_messages(self):
        for name, form in (
            ("type", {"type": None}),
            ("type", {"type": "autoridad"}),
            ("type", {"type": "' OR 1=1 --"}),
            ("subject", {"subject": " \x00\u200e "}),
            ("subject", {"subject": "x" * 201}),
            ("description", {"description": None}),
            ("description", {"description": "x" * 1_000_000}),
            ("name", {"name": ""}),
            ("name", {"name": "\u200b \u2060\u200d"}),
            ("email", {"email": "ana@"}),
            ("email", {"email": "ana@example.com."}),
            ("email", {"email": "ana@example.com, otra@example.com"}),
            ("email", {"email": None}),
            ("email", {"email": None, "phone": None, "response_medium": None}),
            ("phone", {"phone": "123"}),
            ("phone", {"phone": None, "response_medium": "phone"}),
            ("incident_date", {"incident_date": "24/11/2026"}),
            ("incident_date", {"incident_date": "2026-11-25"}),
            ("incident_date", {"incident_date": "0001-01-01"}),
            ("capacity", {"capacity": "root"}),
            ("response_medium", {"response_medium": "portal"}),
            ("notice", {"notice": None}),
            ("anonymous", {"anonymous": "1", "type": "derecho_peticion"}),
        ):
            with self.subTest(form=form):
                self.assertEqual(list(self.read_form(**form).errors), [name])

    def test_answer_in_hera_for_who_has_a_user(self):
        self.assertFalse(self.read_form(partner=self.portal.partner_id, response_medium="portal").errors)
        self.assertEqual(list(self.read_form(partner=self.contact, response_medium="portal").errors), ["response_medium"])
        self.portal.partner_id.write({"email": False, "phone": False})  # neither of which their form asks for
        petition = self.read_form(partner=self.portal.partner_id, response_medium=None)
        self.assertEqual((petition.errors, petition.values["response_medium"]), ({}, "portal"))
        for medium in ("email", "phone"):  # as the form without a connection, which knows nobody, may send it
            wrong = {"partner": self.portal.partner_id, "response_medium": medium}
            self.assertEqual(list(self.read_form(**wrong).errors), ["response_medium"])
            self.assertFalse(self.read_form(**wrong, anonymous="1").errors)

    def test_keys_in_a_petition_are_hidden(self):
        case = self.make_case().sudo()
        code = case._get_tracking_code()
        petition = self.read_form(
            subject=f"Sobre {case.name} ({code})", description=f"Mi radicado {case.name} y mi clave {code}: nadie responde."
        )
        self.assertEqual(petition.values["subject"], f"Sobre {case.name} (····)")
        self.assertEqual(petition.values["description"], f"Mi radicado {case.name} y mi clave ····: nadie responde.")

    @settings(suppress_health_check=[HealthCheck.differing_executors], max_examples=150, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from([*FORM, "anonymous", "urgent", "consent_surveys"]),
            st.one_of(st.text(max_size=50), st.sampled_from([*FORM.values()]), st.none(), st.integers(), st.lists(st.text())),
        )
    )
    def test_whatever_is_sent(self, form):
        petition = self.env["sig.pqrs.intake"]._read_petition(form, [], self.company)
        for name, text in TEXTS.items():
            stored = petition.values.get({"name": "partner_name", "email": "email_from"}.get(name, name))
            self.assertNotIn("\x00", stored or "")
            self.assertTrue(name in petition.errors or len(stored or "") <= text.length)

    def test_photos_of_the_anonymous_say_nothing_of_them(self):
        taken = take_photo("JPEG")
        for anonymous in (True, False):
            form = {**FORM, "anonymous": "1"} if anonymous else FORM
            petition = self.env["sig.pqrs.intake"]._read_petition(form, [Upload("a.jpg", taken)], self.company)
            kept = self.env["sig.pqrs.intake"]._file_petition(petition, "web", "t").attachment_ids.raw
            self.assertEqual((b"Ana Ruiz" in kept, kept == taken), (not anonymous, not anonymous))

    def test_nothing_written_is_run(self):
        case = self.file(subject="{{'z'*4}}", description="<t t-out=\"'z'*4\"/>", name="{{'z'*4}} ${'z'*4} <b>Ana</b>")
        self.run_cron("sig_pqrs.cron_notices")
        mail = self.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id)])
        self.assertTrue(mail)
        self.assertNotIn("zzzz", f"{mail.subject}{mail.body_html}")
        self.assertNotIn("<b>Ana</b>", mail.body_html)

    def test_submissions_are_forgotten(self):
        self.file(token="t")
        with freeze_time("2026-12-03 15:00:00"):
            self.env["sig.pqrs.submission"]._gc_submissions()
        self.assertFalse(self.env["sig.pqrs.submission"].sudo().search([]))


@real_clock
class TestUploads(IntakeCommon):
    def check(self, *uploads):
        return self.env["sig.upload"]._check_uploads([Upload(*upload) for upload in uploads])

    def test_what_is_said_of_files(self):
        self.assertFalse(self.check(("a.pdf", PDF)))
        for said, *uploads in (
            ("10 MB", ("a.pdf", PDF + bytes(MAX_FILE_MB * 1024 * 1024))),
            ("At most 10 files", *[("a.pdf", PDF)] * (MAX_FILES + 1)),
            ("together", *[("a.pdf", PDF + bytes(9 * 1024 * 1024))] * 4),
            ("not what its name says", ("acta.pdf", b"MZ\x90" + bytes(60))),
            ("could run programs", ("foto.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")),
            ("not accepted", ("virus.exe", b"MZ\x90" + bytes(60))),
            ("is empty", ("vacio.pdf", b"")),
        ):
            self.assertIn(said, self.check(*uploads)[0])

    def test_names_are_cleaned(self):
        clean = self.env["sig.upload"]._clean_name
        for name, expected in (
            ("C:\\Users\\ana\\foto.jpg", "foto.jpg"),
            ("../../etc/passwd", "passwd"),
            ("foto\u202egpj.exe", "fotogpj.exe"),
            ("a\r\nb\x00.pdf", "a b.pdf"),
            ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
            ("\u200e", "file"),
        ):
            self.assertEqual(clean(name), expected)

    def test_read_from_the_start_and_no_further_than_needed(self):
        """The server rewinds one file of a field alone when it tries a request again."""
        storages = [FileStorage(io.BytesIO(PDF), filename=f"{number}.pdf") for number in range(3)]
        storages.append(FileStorage(io.BytesIO(PDF + bytes(11 * 1024 * 1024)), filename="grande.pdf"))
        storages.append(FileStorage(io.BytesIO(b""), filename=""))
        for storage in storages:
            storage.stream.read()
        uploads = self.env["sig.upload"]._read_uploads(storages)
        self.assertEqual([len(upload.content) for upload in uploads], [len(PDF)] * 3 + [10 * 1024 * 1024 + 1])

    def test_kept_as_they_came(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", bytes(20 * 1024 * 1024))
        bomb = buffer.getvalue()
        with patch.object(zipfile.ZipFile, "__init__", side_effect=AssertionError("opened")):
            case = self.file(files=[Upload("a.jpg", JPEG), Upload("fotos.zip", bomb), Upload("carta.docx", bomb)])
        annexes = case.attachment_ids.sorted("name")
        self.assertEqual(([annex.raw for annex in annexes], annexes[2].mimetype), ([JPEG, bomb, bomb], "application/zip"))
        self.assertEqual(set(annexes.mapped(lambda annex: (annex.res_model, annex.res_id))), {("sig.pqrs", case.id)})
        self.assertFalse(any(annexes.mapped("public")))
        case = self.make_case(attachment_ids=[(0, 0, {"name": "foto.jpg", "raw": PNG})])
        self.assertEqual(case.attachment_ids.mimetype, "image/png", "at the desk, too")


class TestAtOnce(OwnTransactions):
    def setUp(self):
        super().setUp()
        self.mark = str(uuid4())
        self.addCleanup(self.clean_up)
        self.switch(True)

    def switch(self, on):
        with self.registry.cursor() as cr:
            cr.execute("UPDATE res_company SET sig_active = %s WHERE id = %s", [on, self.env.company.id])

    def clean_up(self):
        self.switch(False)
        with self.registry.cursor() as cr:
            cases = api.Environment(cr, SUPERUSER_ID, {})["sig.pqrs"].search([("description", "=like", f"{self.mark}%")])
            erase(cases.consent_ids)
            erase(cases.act_ids)
            erase(cases)
            cr.execute("DELETE FROM sig_pqrs_submission")
            cr.execute("DELETE FROM sig_rate_limit WHERE scope = %s", [self.mark])

    def work_at_once(self, count, work):
        """Take ``work(env)`` so often at the same moment."""
        return self.run_at_once(*[lambda cr: work(api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"}))] * count)

    def file(self, env, token, text=""):
        form = {**FORM, "incident_date": None, "description": f"{self.mark}{text}"}
        petition = env["sig.pqrs.intake"]._read_petition(form, [Upload("a.pdf", PDF)], env.company)
        case = env["sig.pqrs.intake"]._file_petition(petition, "web", token)
        return case.id, case.name

    def test_one_petition_is_one_case(self):
        results = self.work_at_once(8, lambda env: self.file(env, "same"))
        self.assertEqual((len(results), len(set(results))), (8, 1))
        with self.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM sig_pqrs WHERE description = %s", [self.mark])
            self.assertEqual(cr.fetchone()[0], 1)

    def test_limit_is_exact_with_many_workers(self):
        results = self.work_at_once(20, lambda env: env["sig.rate.limit"]._take(self.mark, "203.0.113.9", 5))
        self.assertEqual((results.count(True), results.count(False)), (5, 15))
        with self.committed() as env:
            self.assertTrue(env["sig.rate.limit"]._take(self.mark, "203.0.113.10", 5), "others are not affected")
            self.assertFalse(env["sig.rate.limit"]._take(self.mark, "::ffff:203.0.113.9", 5))
            self.assertTrue(env["sig.rate.limit"]._take(self.mark, "203.0.113.9", 0), "zero is without limit")

    def test_address_is_not_kept(self):
        with self.committed() as env:
            limits = env["sig.rate.limit"]
            with freeze_time("2026-11-24 10:00:00"):
                one, other = (limits._hash_address(address) for address in ("2001:db8::1", "2001:db8::ffff:2"))
                self.assertEqual(one, other, "a network of IPv6 is one place")
                self.assertLess(one, 1 << 20)
                self.assertIsInstance(limits._hash_address("<script>"), int)
            with freeze_time("2026-11-25 10:00:00"):
                self.assertNotEqual(limits._hash_address("2001:db8::1"), one)
