/** @odoo-module ignore **/
// HERA shows what waits on the phone to be filed, and files it.
{
    const MONTH = 30 * 24 * 3600 * 1000;
    let filed = null; // numbers that this page tells
    let retry = null; // the timer of the next try

    const getPlace = () => self.indexedDB && document.getElementById("sig_outbox");
    const listOwn = async () => (await sig.outbox.list()).filter((entry) => entry.owner === sig.getOwner());

    function makeRow(entry) {
        const problem = sig.text(`pending_${entry.problem || "waits"}`);
        const open = sig.make("a", "btn btn-outline-primary", sig.text("open"));
        open.href = `/my/pqrs/new#${entry.id}`;
        const isClosed = entry.problem === "closed"; // without a form to open it in
        const written = ["description", "remedy", "site", "incident_date"].flatMap((wanted) =>
            entry.fields.filter(([name, value]) => name === wanted && value).map(([, value]) => value)
        );
        const drop = sig.makeButton(sig.text("delete"), async () => {
            const form = document.querySelector("form[data-outbox]");
            const isHere = form?.dataset.pending === entry.id;
            if ((isHere && form.dataset.sending) || (await sig.outbox.isBusy([entry.id]))) {
                alert(sig.text("busy"));
            } else if (confirm(sig.text("delete_sure", entry.subject))) {
                if (isHere) {
                    sig.stopWaiting(form);
                }
                if (!(await sig.outbox.remove(entry.id))) {
                    alert(sig.text("gone"));
                    render();
                }
            }
        });
        return sig.make(
            "li",
            "mb-3",
            sig.make("strong", "d-block text-break", entry.subject),
            sig.make("span", "d-block mb-2", `${sig.describeMoment(entry.at)} · ${problem}`),
            isClosed ? sig.make("span", "d-block mb-2 text-break o_sig_text", written.join("\n\n")) : "",
            sig.make("span", "d-flex gap-2", isClosed ? "" : open, drop)
        );
    }

    async function render() {
        const place = getPlace();
        const entries = place ? await listOwn() : [];
        if (!place) {
            return;
        }
        place.replaceChildren();
        if (filed.length) {
            const note = sig.make("p", "alert alert-success", sig.text("filed", filed.join(", ")));
            note.setAttribute("role", "status");
            place.append(note);
        }
        if (entries.length) {
            const title = sig.make("h2", "h5", `${sig.text("pending")} (${entries.length})`);
            const rows = sig.make("ul", "list-unstyled mb-0", ...entries.map(makeRow));
            place.append(sig.make("section", "o_sig_card o_sig_pending", title, rows));
        }
    }

    async function tell(numbers) {
        filed.push(...numbers);
        await render();
    }

    async function flush(tries = 0) {
        clearTimeout(retry);
        if (!getPlace() || !navigator.onLine || !sig.getOwner()) {
            return;
        }
        const {numbers, again} = await sig.outbox.flush();
        await tell(numbers);
        if (again) {
            clearTimeout(retry);
            retry = setTimeout(flush, sig.getPause(tries), tries + 1);
            sig.outbox.requestSync();
        }
    }

    /** A form that was opened from the list has what was written, and its files. */
    async function openChosen() {
        const form = document.querySelector("form[data-outbox]");
        const id = location.hash.slice(1);
        if (!form || !id || !(await listOwn()).some((one) => one.id === id)) {
            return;
        }
        if (form.dataset.sending) {
            alert(sig.text("busy"));
            return;
        }
        const entry = await sig.outbox.put({id, problem: "opened"});
        const isOpen = form.dataset.pending === id && !sig.isWaiting(form);
        if (!entry || form.dataset.sending || isOpen) {
            return render(); // it was filed meanwhile, or the form is on its way, or has it
        }
        sig.stopWaiting(form);
        form.dataset.pending = id;
        sig.leaveDraft(form);
        form.reset();
        sig.fill(
            form,
            entry.fields.filter(([, value]) => !(value instanceof File))
        );
        const files = entry.fields.map(([, value]) => value).filter((value) => value instanceof File);
        sig.putFiles(form.elements.attachments, files);
        sig.focus(form);
    }

    async function start() {
        filed = [];
        const {owner} = document.getElementById("sig_page").dataset;
        if (owner) {
            sig.setOwner(owner);
        }
        if (!getPlace()) {
            return;
        }
        await forgetOthers();
        await openChosen();
        await render();
        await flush();
    }

    /** They may come back for a month. */
    async function forgetOthers() {
        const isOld = ({owner, at}) => owner !== sig.getOwner() && at < Date.now() - MONTH;
        await Promise.all((await sig.outbox.list()).filter(isOld).map(({id}) => sig.outbox.remove(id)));
    }

    addEventListener("sig:outbox", render);
    sig.outbox.onFiled(tell);
    addEventListener("online", () => setTimeout(flush, 1000)); // the form that is open goes first
    document.addEventListener("visibilitychange", () => document.hidden || render().then(flush));
    addEventListener("hashchange", openChosen);
    sig.onPage(start);
}
