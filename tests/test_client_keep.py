"""Nothing that a client writes is lost: in a real browser, with and without a network."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from .browser import open_browser
from .common import real_clock
from .test_client_steps import PDF
from .test_filing_page import FilingCommon
from .test_hera import HeraCase

#: of a photo of 12 megapixels, which no screen shows; noise, so that it weighs
TAKE_PHOTO = """(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 3000, height: 2000 });
    const context = canvas.getContext("2d");
    const image = context.createImageData(3000, 2000);
    for (let i = 0; i < image.data.length; i += 4) {
        image.data.set([i * 7919 % 251, i * 104729 % 241, i * 1299709 % 239, 255], i);
    }
    context.putImageData(image, 0, 0);
    const photo = await new Promise((then) => canvas.toBlob(then, "image/jpeg", 0.95));
    const files = new DataTransfer();
    ["ronda.jpg"].forEach((name) => files.items.add(new File([photo], name, { type: "image/jpeg" })));
    pqrs_attachments.files = files.files;
    pqrs_attachments.dispatchEvent(new Event("change", { bubbles: true }));
    return photo.size;
})()"""


@real_clock
class KeepCommon(FilingCommon, HeraCase):
    def type_into(self, browser, **fields):
        for name, text in fields.items():
            browser.run(f"document.querySelector('[name={name}]:not([type=hidden])').focus()")
            browser.type_in(text)

    def fill(self, browser, kind="queja", **fields):
        browser.run(f"document.querySelector('#pqrs_type_{kind}').click()")
        browser.run("document.querySelectorAll('.sig_pqrs_fold').forEach((fold) => { fold.open = true; })")
        self.type_into(browser, **{"subject": "Luminaria fundida", "description": "La del parqueadero.", **fields})

    def identify(self, browser):
        self.type_into(browser, name="Ana Ruiz", email="ana@example.com")
        browser.run("pqrs_notice.click()")

    def send(self, browser, form=".sig_pqrs_form"):
        browser.run(f"document.querySelector('{form} button[type=submit]').click()")

    def value(self, browser, selector="#pqrs_description"):
        return browser.run(f"document.querySelector({selector!r}).value")

    def kept(self, browser):
        return browser.run("Object.keys(localStorage).filter((key) => key.startsWith('sig.draft/')).length")

    def get_new(self):
        self.env.invalidate_all()
        return super().get_new()


class TestKeptOnTheWebsite(KeepCommon):
    def test_what_is_typed_comes_back(self):
        """After a reload, Back, another tab, and a process that was killed; until it is thrown away."""
        with open_browser(self) as browser:
            browser.go("/pqrs/new")
            self.fill(browser, site="Torre 3")
            for leave in ("location.reload()", "location.assign('/pqrs')", "sessionStorage.clear(), location.reload()"):
                browser.leave_by(leave)
                if browser.run("location.pathname === '/pqrs'"):
                    browser.run("history.back()")
                browser.wait("location.pathname === '/pqrs/new' && pqrs_description.value")
                self.assertEqual((self.value(browser), self.value(browser, "#pqrs_site")), ("La del parqueadero.", "Torre 3"))
                self.assertTrue(browser.run("pqrs_type_queja.checked && !!pqrs_site.closest('details[open]')"))
            self.type_into(browser, description=" Sigue igual.")
            browser.crash()
            browser.wait("pqrs_description.value.includes('Sigue igual.')")
            self.assertTrue(browser.get_text(".o_sig_kept"))
            browser.run("document.querySelector('.o_sig_kept button').click()")
            self.assertEqual((self.value(browser), self.kept(browser)), ("", 0))
            # Old ones are forgotten too.
            self.fill(browser)
            old = 'localStorage[key].replace(/"at":[0-9]+/, `"at":${Date.now() - 8 * 24 * 3600 * 1000}`)'
            browser.run(f"Object.keys(localStorage).forEach((key) => {{ localStorage[key] = {old}; }})")
            browser.leave_by("location.reload()")
            self.assertEqual((self.value(browser), self.kept(browser)), ("", 0))

    def test_without_a_network(self):
        """What the server refuses, and what waits for the network, keeps text and files; it is sent once. A photo that is
        too large is made smaller before anything is said."""
        self.website.language_ids |= self.env["res.lang"]._activate_lang("es_CO")
        limit = "pqrs_attachments.dataset.files = JSON.stringify({...JSON.parse(pqrs_attachments.dataset.files), file_mb: 2})"
        with open_browser(self) as browser:
            browser.go("/pqrs/new")
            self.fill(browser)
            self.identify(browser)
            browser.run("pqrs_incident_date.value = '1949-01-01'")
            send = "document.querySelector('.sig_pqrs_form button[type=submit]').click()"
            told = "self.told = [size, pqrs_attachments.matches('.is-invalid')]"
            browser.leave_by(f"{limit}, {TAKE_PHOTO}.then((size) => {{ {told}; {send}; }})")
            weight, is_refused = browser.run("told")
            self.assertTrue(weight > 2 * 1024 * 1024 and not is_refused)
            self.assertTrue(browser.get_text("#pqrs_incident_date_error"))
            self.assertTrue(browser.run("document.activeElement.id === 'pqrs_errors' && !document.querySelector('.o_sig_files_lost')"))
            browser.set_online(False)
            browser.run("pqrs_incident_date.value = ''")
            self.send(browser)
            browser.wait_for(".o_sig_state .alert-warning")
            kept = (self.value(browser), browser.run("pqrs_attachments.files[0].name"))
            self.assertEqual((*kept, bool(self.get_new())), ("La del parqueadero.", "ronda.jpg", False))
            browser.set_online(True)
            browser.wait_for(".sig_pqrs_number")
            self.assertEqual((browser.run("location.pathname"), self.kept(browser)), ("/pqrs/filed", 0))
            links = browser.run("[...document.querySelectorAll('.js_change_lang')].map(({pathname}) => pathname)")
            self.assertEqual({link.rpartition("/")[2] for link in links}, {"filed"}, "in another language, too")
            browser.go("/pqrs/new")
            self.assertEqual(self.value(browser), "")
        [case] = self.get_new()
        self.assertEqual(case.attachment_ids.name, "ronda.jpg")
        self.assertLess(case.attachment_ids.file_size, weight / 2)

    def test_photos_one_by_one_and_a_file_that_is_lost(self):
        """One that is taken away holds up no other; originals come back; what the phone cannot read is chosen again."""
        two = TAKE_PHOTO.replace('"ronda.jpg"', '"uno.jpg", "dos.jpg"')
        with open_browser(self) as browser, TemporaryDirectory() as folder:
            browser.go("/pqrs/new")
            weight = browser.run(f"{two}.then((weight) => (document.querySelector('.o_sig_chosen button').click(), weight))")
            chosen = f"[...pqrs_attachments.files].map((file) => file.name + (file.size < {weight})).join()"
            browser.wait(f"{chosen} === 'dos.jpgtrue'")
            browser.run(TAKE_PHOTO)
            browser.wait(f"{chosen} === 'dos.jpgtrue,ronda.jpgtrue'")
            browser.run("document.querySelector('.o_sig_photos button').click()")
            self.assertEqual(browser.run(chosen), "dos.jpgfalse,ronda.jpgfalse")
            browser.run(TAKE_PHOTO.replace("ronda", "tres"))
            browser.wait(f"{chosen} === 'dos.jpgfalse,ronda.jpgfalse,tres.jpgtrue'")
            browser.run("document.querySelector('.sig_pqrs_form').reset()")
            self.assertFalse(browser.run("!!document.querySelector('.o_sig_photos, .o_sig_chosen')"))
            self.fill(browser)
            self.identify(browser)
            for name, told in (("perdida.pdf", ".o_sig_state .alert-danger"), ("acta.pdf", ".sig_pqrs_number")):
                file = Path(folder, name)
                file.write_bytes(PDF.content)
                field = browser.ask("Runtime.evaluate", expression="pqrs_attachments")["result"]["objectId"]
                browser.ask("DOM.setFileInputFiles", objectId=field, files=[str(file)])
                if name == "perdida.pdf":
                    file.unlink()
                self.send(browser)
                browser.wait_for(told)
        self.assertEqual(self.get_new().attachment_ids.name, "acta.pdf")

    def test_checked_before_it_is_sent(self):
        """In the words of the server, beside the field, and nothing leaves."""
        texts = self.env["sig.pqrs.intake"]._get_texts()
        with open_browser(self) as browser:
            browser.go("/pqrs/new")
            browser.run("XMLHttpRequest.prototype.send = () => { window.sent = true; }, pqrs_subject.focus()")
            browser.press("Enter")
            self.assertEqual(browser.run("document.activeElement.name"), "description", "the next field, of a phone too")
            self.send(browser)
            self.assertEqual(browser.run("document.activeElement.name"), "type")
            for name in ("type", "subject", "description", "name", "notice"):
                self.assertEqual(browser.get_text(f"#pqrs_{name}_error"), texts[name])
            self.assertEqual(browser.get_text("#pqrs_email_error"), texts["contact"])
            self.assertIn("pqrs_email_error", browser.run("pqrs_email.getAttribute('aria-describedby')"))
            self.assertEqual(browser.run("pqrs_email.getAttribute('aria-invalid')"), "true")
            self.fill(browser)
            self.type_into(browser, name="Ana", email="maria@localhost", phone="123")
            self.send(browser)
            errors = [browser.get_text(f"#pqrs_{name}_error") for name in ("subject", "email", "phone")]
            self.assertEqual(errors, ["", texts["email"], texts["phone"]])
            browser.run("sig.putFiles(pqrs_attachments, [new File(['x'], 'virus.exe'), new File([], 'vacio.pdf')])")
            told = browser.get_text("#pqrs_attachments_error")
            uploads = self.env["sig.upload"]._get_texts()
            self.assertEqual(told, f"{uploads['refused'] % 'virus.exe'}\n{uploads['empty'] % 'vacio.pdf'}")
            self.assertFalse(browser.run("window.sent"))
            self.assertEqual(self.value(browser), "La del parqueadero.")

    def test_an_anonymous_one(self):
        """It is offered where it can be, kept by its page alone, and forgotten when that is left."""
        offered = "!!pqrs_anonymous.offsetHeight"
        with open_browser(self) as browser:
            browser.go("/pqrs/new")
            self.assertFalse(browser.run(offered))
            self.fill(browser)
            self.assertTrue(browser.run(offered))
            self.type_into(browser, name="Ana Ruiz")
            self.assertEqual(self.kept(browser), 1)
            browser.run("pqrs_anonymous.click()")
            self.assertEqual((self.kept(browser), browser.run("!!pqrs_name.offsetHeight")), (0, False))
            self.type_into(browser, description=" De noche.")
            self.assertNotIn("noche", browser.run("JSON.stringify(localStorage)"))
            browser.leave_by("location.reload()")
            browser.wait("pqrs_anonymous.checked")
            self.assertIn("De noche.", self.value(browser))
            browser.leave_by("location.assign('/pqrs')")
            self.assertNotIn("noche", browser.run("JSON.stringify(sessionStorage)"))
            browser.run("history.back()")
            browser.wait("location.pathname === '/pqrs/new' && document.readyState === 'complete'")
            self.assertEqual(self.value(browser), "")
            self.fill(browser)
            browser.run("pqrs_anonymous.click(), pqrs_type_peticion.click()")
            self.assertFalse(browser.run(f"pqrs_anonymous.checked || {offered}"))
            self.assertTrue(browser.run("!!pqrs_name.offsetHeight"))
            browser.run("pqrs_type_queja.click(), pqrs_anonymous.click()")
            browser.set_online(False)
            self.send(browser)
            browser.wait_for(".o_sig_state .alert-warning")
            browser.set_online(True)
            browser.wait_for(".sig_pqrs_code")
        self.assertTrue(self.get_new().anonymous)


class TestKeptInHera(KeepCommon):
    def open_offline(self, browser):
        """HERA was opened once; now there is no network."""
        browser.go("/my/pqrs")
        browser.wait("navigator.serviceWorker.ready.then(() => caches.match('/my/pqrs/offline')).then(Boolean)")
        browser.wait("!!navigator.serviceWorker.controller")
        browser.set_online(False)
        browser.leave_by("location.assign('/my/pqrs/new')")
        browser.wait_for("form[data-outbox]")

    def store(self, browser, also="0"):
        """A petition that waits on the phone."""
        self.open_offline(browser)
        self.fill(browser)
        browser.run(f"pqrs_notice.checked = true, {also}")
        self.send(browser)
        browser.wait_for(".o_sig_state .alert")
        browser.wait_for(".o_sig_pending")

    def fail_once(self):
        """The server is not well at the first petition."""
        Intake = self.registry["sig.pqrs.intake"]
        file, faults = Intake._file_petition, [OSError("disk full")]

        def fail(*args, **kwargs):
            if faults:
                raise faults.pop()
            return file(*args, **kwargs)

        return patch.object(Intake, "_file_petition", fail)

    def pending(self, browser):
        return browser.run("sig.outbox.list().then((entries) => entries.map((entry) => entry.problem))")

    def test_written_and_filed_without_a_network(self):
        """The petition waits on the phone, and is filed once when HERA is opened with a network; what fails is tried again."""
        with open_browser(self, self.portal.login) as browser, self.fail_once():
            self.store(browser, TAKE_PHOTO)
            self.assertNotIn("Cliente HERA", browser.run("document.documentElement.outerHTML"))
            self.assertEqual((self.pending(browser), self.kept(browser)), ([""], 0))
            self.assertIn("(1)", browser.get_text(".o_sig_pending h2"))
            browser.leave_by("location.assign('/my/pqrs')")
            browser.wait_for(".o_sig_pending")
            self.assertFalse(self.get_new())
            browser.set_online(True)
            browser.leave_by("location.reload()")
            browser.wait_for("#sig_outbox .alert-success")
            self.assertEqual(self.pending(browser), [])
        [case] = self.get_new()
        self.assertEqual((case.channel, case.partner_id, case.attachment_ids.name), ("portal", self.portal.partner_id, "ronda.jpg"))

    def test_opened_changed_and_sent_again(self):
        """Who corrects a letter is told that it waits for them, and loses nothing; what the server refuses waits, too."""
        file, drop = (f"document.querySelector('{place}').click()" for place in ("form [type=submit]", ".o_sig_pending button"))
        stands = "sig.outbox.list().then(([{problem}]) => problem === '%s')"
        with open_browser(self, self.portal.login) as browser:
            self.store(browser, f"pqrs_incident_date.value = '1949-01-01', {TAKE_PHOTO}")
            told = browser.run("sig.text('pending_opened')")
            browser.run("document.querySelector('.o_sig_pending a').click()")
            browser.wait(stands % "opened")
            browser.run(f"self.alert = (text) => {{ self.told = text; }}, {file}, {drop}")
            self.assertTrue(browser.run("self.told === sig.text('busy')"))
            browser.wait("!document.querySelector('[data-sending]')")
            self.type_into(browser, description=" Y la de la rampa.")
            self.assertEqual(browser.get_text(".o_sig_state"), told)
            browser.wait(f"document.querySelector('.o_sig_pending').textContent.includes('{told}')")
            browser.leave_by("location.reload()")
            browser.wait_for(".o_sig_pending a")
            browser.run("document.querySelector('.o_sig_pending a').click()")
            browser.wait("/rampa/.test(pqrs_description.value) && pqrs_attachments.files.length === 1")
            self.send(browser)
            browser.wait(f"!document.querySelector('[data-sending]') && {stands % ''}")
            browser.leave_by("location.assign('/my/pqrs')")
            browser.set_online(True)
            browser.leave_by("location.reload()")
            browser.wait(stands % "refused")
            browser.wait_for(".o_sig_pending a")
            browser.leave_by("location.assign(document.querySelector('.o_sig_pending a').href)")
            browser.wait("/rampa/.test(self.pqrs_description?.value) && pqrs_attachments.files.length === 1")
            browser.run("pqrs_incident_date.value = ''")
            self.send(browser)
            browser.wait_for(".sig_pqrs_number")
            self.assertEqual(self.pending(browser), [])
        [case] = self.get_new()
        self.assertIn("rampa", case.description)

    def test_the_page_that_stayed_open(self):
        """It sends what waits, also a file that is gone, unless that is opened or deleted elsewhere or anonymous."""
        is_told = "document.querySelector('.o_sig_state').textContent === sig.text('%s')"
        with open_browser(self, self.portal.login) as browser:
            for act, told in (("put({id, problem: 'opened'})", "pending_opened"), ("remove(id)", "gone")):
                self.store(browser)
                # Another page sends something; meanwhile this one waits for its turn.
                browser.run("navigator.locks.request('sig_outbox', () => new Promise((go) => { self.free = go; })), 0")
                browser.set_online(True)
                browser.wait(is_told % "sending")
                browser.run(f"sig.outbox.list().then((all) => free(all.forEach(({{id}}) => sig.outbox.{act})))")
                browser.wait(is_told % told)
                self.type_into(browser, description=" Sigue.")
                self.assertEqual(self.kept(browser), 1)
            self.store(browser)
            # On its way, it is neither deleted nor left on the phone of who logs out.
            hold = "navigator.locks.request(`sig_outbox/${id}`, () => new Promise((go) => { self.free = go; }))"
            browser.run(f"self.confirm = () => true, self.alert = (text) => {{ self.told = text; }}, sig.outbox.list().then(([{{id}}]) => {{ {hold} }})")
            drop = "document.querySelector('.o_sig_pending button').click()"
            leave = "Object.assign(document.body.appendChild(sig.make('a')), {href: '/web/session/logout'}).click()"
            for act in (drop, leave):
                browser.run(f"self.told = '', {act}")
                browser.wait("self.told === sig.text('busy')")
            browser.wait("free(), navigator.locks.query().then(({held}) => !held.length)")
            browser.run(drop)
            browser.wait("sig.outbox.list().then((all) => !all.length)")
            self.store(browser, TAKE_PHOTO)
            browser.run("pqrs_attachments.files[0].slice = () => { throw new Error('It was deleted'); }, 0")
            self.type_into(browser, description=" Falla.")
            browser.wait("sig.outbox.list().then(([{fields}]) => /Falla/.test(JSON.stringify(fields)))")
            self.send(browser)
            browser.wait(is_told % "stored")
            browser.set_online(True)
            browser.wait("sig.outbox.list().then((all) => !all.length)")  # by the page or its service worker
            self.store(browser)
            browser.run("pqrs_anonymous.click()")
            self.type_into(browser, description=" De noche.")
            browser.wait("!document.querySelector('.o_sig_pending')")
            self.assertEqual((self.pending(browser), self.kept(browser)), ([], 0))
            browser.set_online(True)
            self.send(browser)
            browser.wait_for(".sig_pqrs_code")
        files = {case.anonymous: case.attachment_ids.mapped("name") for case in self.get_new()}
        self.assertEqual(files, {False: ["ronda.jpg"], True: []})

    def test_a_company_that_receives_none_any_more(self):
        """What waits is not sent again and again: its author is told, and reads it."""
        told = "document.querySelector('%s').textContent.includes(sig.text('pending_closed'))"
        with open_browser(self, self.portal.login) as browser:
            self.store(browser)
            self.company.sig_active = False
            browser.set_online(True)
            browser.wait(told % ".o_sig_state")
            browser.leave_by("location.assign('/my/pqrs')")
            browser.wait(f"{told % '.o_sig_pending'} && !document.querySelector('.o_sig_pending a')")
            self.assertIn("La del parqueadero.", browser.get_text(".o_sig_pending"))
            self.assertFalse(browser.run("sig.outbox.flush().then(({again}) => again)"))
            self.company.sig_active = True
            browser.leave_by("location.reload()")
            browser.wait_for("#sig_outbox .alert-success")

    def test_a_session_that_ended(self):
        """Others do not see what waits; after the login the service worker files it, and the browser tries again what fails.
        A page that is open, and takes itself for offline, tells the number."""
        offline = "Object.defineProperty(navigator, 'onLine', {value: false})"

        def sync():
            answer = browser.ask_worker("Runtime.evaluate", expression="sync()", awaitPromise=True)
            return "exceptionDetails" not in answer["result"]

        with open_browser(self, self.portal.login) as browser, self.fail_once():
            browser.go("/my/pqrs/new")
            browser.wait("!!navigator.serviceWorker.controller")
            self.fill(browser)
            browser.run(f"pqrs_notice.click(), {TAKE_PHOTO}")
            browser.log_in(None)
            self.send(browser)
            browser.wait_for(".o_sig_state a[href^='/web/login']")
            self.assertEqual(self.pending(browser), ["ended"])
            browser.log_in(self.stranger.login)
            browser.go("/my/pqrs")
            browser.wait("!document.querySelector('.o_sig_pending')")
            browser.log_in(self.portal.login)
            browser.go("/pqrs")
            browser.wake_worker("/my/pqrs")
            self.assertFalse(sync())
            self.assertFalse(self.get_new())
            browser.ask("Page.addScriptToEvaluateOnNewDocument", source=offline)
            browser.go("/my/pqrs")
            browser.wait_for(".o_sig_pending")
            self.assertTrue(sync())
            browser.wait_for("#sig_outbox .alert-success")
            self.assertTrue(sync())
            [case] = self.get_new()
            self.assertIn(case.name, browser.get_text("#sig_outbox"))
        self.assertEqual((case.partner_id, case.attachment_ids.name), (self.portal.partner_id, "ronda.jpg"))

    def test_a_message_of_a_case_and_logging_out(self):
        with open_browser(self, self.portal.login) as browser:
            browser.go(self.url)
            self.type_into(browser, text="¿Ya la cambiaron?")
            browser.leave_by("location.reload()")
            self.assertEqual(self.value(browser, "#text_write"), "¿Ya la cambiaron?")
            browser.set_online(False)
            self.send(browser, "#form_write")
            browser.wait_for("#form_write + .o_sig_state .alert-warning")
            browser.set_online(True)
            browser.wait_for(".alert-success")
            self.assertIn("¿Ya la cambiaron?", browser.get_text(".o_sig_message_mine"))
            self.assertEqual((self.value(browser, "#text_write"), self.kept(browser)), ("", 0))
            self.assertEqual(browser.run("location.pathname + location.search"), self.url)
            self.env.invalidate_all()
            self.assertEqual(len(self.see(self.case)["messages"]), 1)
            # Who logs out forgets.
            self.type_into(browser, text="Sin terminar")
            self.assertEqual(self.kept(browser), 1)
            browser.log_in(self.stranger.login)
            browser.go("/my/home")
            self.assertEqual(self.kept(browser), 0, "the phone of somebody else")
            browser.go("/my/pqrs/new")
            self.fill(browser)
            browser.go("/my/security")
            self.assertEqual(self.kept(browser), 1)
            browser.run("sig.outbox.put({ id: 'x', owner: localStorage.getItem('sig.owner'), fields: [] }, true)")
            browser.leave_by("document.querySelector(\"a[href*='/web/session/logout']\").click()")
            kept = browser.run("sig.outbox.list().then((all) => [localStorage.getItem('sig.owner'), all.length])")
            self.assertEqual((self.kept(browser), kept), (0, ["", 0]))

    def test_what_the_phone_keeps_is_of_nobody(self):
        """The offline form is the same for all: no name, no token of a session."""
        self.login(self.portal)
        page = self.get("/my/pqrs/offline").text
        for text in ("Cliente HERA", self.portal.login, "csrf_token", self.env["sig.client.view"].with_user(self.portal)._get_owner_key()):
            self.assertNotIn(text, page)
        self.assertIn('name="subject"', page)
