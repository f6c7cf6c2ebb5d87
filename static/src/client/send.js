/** @odoo-module ignore **/
// A form is sent without leaving its page: what was written and chosen stays until the server has it. Sent again, it is
// the same for the server, which knows its token.
{
    const STALLED = 60000; // without a byte for so long, the network is taken for lost
    // How long a captcha may take to let a form go. What it did not check is looked at by a person.
    const CAPTCHA_PATIENCE = 8000;
    const KEPT_AFTER = 300; // milliseconds without a change
    let keepLater = null;
    const waiting = new Map(); // forms that wait for the network, and the buttons that sent them
    const copies = new WeakMap(); // of chosen files, which may be deleted meanwhile: those that the phone keeps

    const isOurs = (form) => form.matches("form.o_sig_form[method=post]") && document.getElementById("sig_page");
    const isStored = (form, data) => "outbox" in form.dataset && !data.get("anonymous") && sig.getOwner();
    const alone = (form, act) => ("outbox" in form.dataset ? sig.outbox.send(form.dataset.pending, act) : act({}));
    const getReadable = (form, value) => (form.dataset.pending && copies.get(value)) || value;
    const makeNote = (kind, ...content) => sig.make("p", `alert alert-${kind} mt-2 mb-0`, ...content);
    /** An inert form loses the focus. */
    const giveBack = (button) => document.activeElement === document.body && button?.focus({preventScroll: true});

    function getState(form) {
        let state = form.nextElementSibling;
        if (!state?.matches(".o_sig_state")) {
            state = sig.make("div", "o_sig_state");
            state.setAttribute("role", "status");
            form.after(state); // a form that is sent is inert, and so is what it holds
        }
        return state;
    }

    sig.say = (form, ...content) => getState(form).replaceChildren(...content);

    /** While a form is on its way, or waits for its turn, nobody changes it. */
    function hold(form) {
        form.dataset.sending = "1";
        form.inert = true;
        sig.say(form, sig.text("sending"));
    }

    /** Let a form be changed and sent again, also one that a captcha of core holds. */
    function release(form) {
        delete form.dataset.sending;
        form.inert = false;
        for (const button of form.querySelectorAll("button[type=submit]")) {
            button.disabled = false;
            button.classList.remove("o_btn_loading", "disabled", "pe-none", "cf_form_disabled");
            button.querySelector(".fa-spin")?.remove();
        }
        for (const field of form.querySelectorAll(".turnstile_captcha_valid")) {
            field.required = false;
        }
    }

    function post(form, data) {
        const progress = sig.make("progress", "w-100");
        progress.max = 1;
        progress.setAttribute("aria-label", sig.text("sending"));
        sig.say(form, sig.text("sending"), progress);
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest();
            let patience = null;
            const wait = () => {
                clearTimeout(patience);
                patience = setTimeout(() => request.abort(), STALLED);
            };
            request.upload.onprogress = (ev) => {
                wait();
                progress.value = ev.loaded / ev.total;
            };
            request.onprogress = wait;
            request.onload = () => resolve(request);
            request.onerror = request.onabort = reject;
            request.onloadend = () => clearTimeout(patience);
            request.open("POST", form.getAttribute("action"));
            request.responseType = "document";
            wait();
            const body = new FormData();
            [...data].forEach(([name, value]) => body.append(name, getReadable(form, value)));
            request.send(body);
        });
    }

    sig.send = async (form, button, isAgain) => {
        if (form.dataset.sending) {
            return;
        }
        hold(form);
        delete form.dataset.held;
        waiting.delete(form);
        await sig.photos;
        stopKeeping(); // photos that became smaller asked for it, too
        const data = new FormData(form);
        if (button?.name) {
            data.append(button.name, button.value);
        }
        let request = null;
        try {
            request = await alone(form, async (entry) => {
                if (!entry || (isAgain && entry.problem === "opened")) {
                    return sig.stopWaiting(form, entry ? "pending_opened" : "gone");
                }
                if (!data.get("csrf_token")) {
                    const {owner, token, isClosed} = await sig.outbox.readSession();
                    if (isClosed) {
                        return refuse(form, button, "pending_closed");
                    }
                    if (owner && entry.owner && owner !== entry.owner) {
                        return refuse(form, button, "pending_ended"); // somebody else entered
                    }
                    data.set("csrf_token", token);
                }
                return post(form, data);
            });
        } catch {
            const lost = await takeOutLost(form);
            return lost ? refuse(form, button, "file_lost", lost) : wait(form, button, data, isAgain);
        }
        await (request ? arrive(form, button, data, request) : giveBack(button));
    };

    /** Files that the phone cannot read any more are taken out, to be chosen again: their names. */
    async function takeOutLost(form) {
        const lost = [];
        for (const input of form.querySelectorAll("input[type=file]")) {
            for (const file of [...input.files]) {
                try {
                    await getReadable(form, file).slice(0, 1).arrayBuffer();
                } catch {
                    lost.push(file.name);
                    sig.removeFile(input, file);
                }
            }
        }
        return lost.join(", ");
    }

    function refuse(form, button, ...text) {
        release(form);
        sig.say(form, makeNote("danger", sig.text(...text)));
        giveBack(button);
    }

    /** Show what the server answered. */
    async function arrive(form, button, data, request) {
        const answer = request.response;
        const page = answer?.getElementById("sig_page");
        if (!page && request.status < 400) {
            location.assign(request.responseURL); // a login, or a file
            return;
        }
        if (!page) {
            return refuse(form, button, "failed");
        }
        if (isStored(form, data) && page.dataset.owner !== sig.getOwner() && (await store(form, data, "ended"))) {
            return;
        }
        const step = (form.dataset.keep || form.getAttribute("action")).split("/").pop();
        const done = answer.querySelector(`[data-done="${step}"]`) && form;
        if (done) {
            sig.forgetDraft(form);
        }
        const isMoved = new URL(request.responseURL).pathname !== new URL(form.action).pathname;
        release(form);
        sig.show(answer, isMoved ? request.responseURL : location.href, done);
    }

    /** Without a network all stays as it is, and is sent when it comes back. */
    async function wait(form, button, data, isAgain) {
        waiting.set(form, button);
        if (!isStored(form, data) || !(await store(form, data, "", isAgain))) {
            release(form);
            sig.say(form, makeNote("warning", sig.text("offline")));
        }
        giveBack(button);
        const tries = Number(form.dataset.tries || 0);
        form.dataset.tries = tries + 1;
        setTimeout(() => sendAgain(form), sig.getPause(tries));
    }

    function sendAgain(form) {
        if (waiting.has(form) && form.isConnected && navigator.onLine) {
            sig.send(form, waiting.get(form), true);
        }
    }

    /** Keep a petition on the phone, and know the copies of its files; nothing when it is kept no longer. */
    async function keep(form, data, values, isNew) {
        const isKept = ([name, value]) => name !== "csrf_token" && (!(value instanceof File) || value.name);
        const own = [...data].filter(isKept);
        const fields = own.map(([name, value]) => [name, getReadable(form, value)]);
        const entry = await sig.outbox.put({...values, subject: data.get("subject"), fields}, isNew);
        entry?.fields.forEach(([, value], place) => value instanceof File && copies.set(own[place][1], value));
        return entry;
    }

    /** What is changed of a petition that the phone keeps is kept with it, and filed once its author sends it. */
    sig.keepPending = (form) => {
        stopKeeping();
        keepLater = setTimeout(keepNow, waiting.has(form) ? 0 : KEPT_AFTER); // the first change stops its sending
    };

    function stopKeeping() {
        clearTimeout(keepLater);
        keepLater = null;
    }

    async function keepNow() {
        const form = keepLater && document.querySelector("form[data-pending]:not([data-sending])");
        stopKeeping();
        const id = form?.dataset.pending;
        const isGone = id && !(await keep(form, new FormData(form), {id, problem: "opened"}).catch(() => true));
        if (isGone && form.dataset.pending === id && !form.dataset.sending) {
            sig.stopWaiting(form, "gone");
            sig.saveDraft(form);
        }
    }

    // Who puts the phone away may not come back.
    for (const type of ["beforeunload", "pagehide", "visibilitychange"]) {
        addEventListener(type, keepNow);
    }

    /** Hand a petition to the phone, which files it although the page is closed. */
    async function store(form, data, problem, isAgain) {
        const {pending} = form.dataset;
        const values = {id: pending || sig.makeId(), owner: sig.getOwner(), at: Date.now(), problem};
        let entry = null;
        try {
            entry = await (pending && isAgain ? sig.outbox.get(pending) : keep(form, data, values, !pending));
        } catch {
            return false;
        }
        if (!entry) {
            sig.stopWaiting(form, "gone");
            return true;
        }
        form.dataset.pending = values.id;
        sig.forgetDraft(form);
        history.replaceState(null, "", location.pathname + location.search); // a reload does not open it again
        release(form);
        if (problem) {
            const link = sig.make("a", "alert-link", sig.text("log_in"));
            link.href = "/web/login?redirect=/my/pqrs";
            sig.say(form, makeNote("warning", sig.text("stored_ended"), " ", link));
        } else {
            sig.say(form, makeNote("warning", sig.text("stored")));
            sig.outbox.requestSync();
        }
        return true;
    }

    sig.isWaiting = (form) => waiting.has(form);

    /** What the form sends was opened, deleted or filed elsewhere. */
    sig.stopWaiting = (form, told) => {
        waiting.delete(form);
        stopKeeping();
        delete form.dataset.pending;
        release(form);
        sig.say(form, told ? makeNote("warning", sig.text(told)) : "");
    };

    addEventListener("online", () => [...waiting.keys()].forEach(sendAgain));

    // Who goes on writing sends it again when it is ready.
    for (const type of ["input", "change"]) {
        document.addEventListener(type, (ev) => {
            const form = ev.target.form;
            if (form && !form.dataset.sending && (waiting.delete(form) || form.dataset.pending)) {
                const text = form.dataset.pending ? sig.text("pending_opened") : "";
                if (getState(form).textContent !== text) {
                    sig.say(form, text && makeNote("warning", text)); // once, also to who hears the page
                }
            }
        });
    }

    // What is on its way, or shown once, is not left by chance.
    let isLeaving = false;
    addEventListener("beforeunload", (ev) => {
        if (!isLeaving && document.querySelector("form[data-sending], [data-once]")) {
            ev.preventDefault();
        }
    });

    /** Nothing is sent twice, and nothing that is not complete; photos are checked once they are smaller. */
    function mayGo(form, button) {
        if (form.dataset.sending || !sig.check(form)) {
            return false;
        }
        if (sig.photos) {
            goLater(form, button || form.querySelector("button[type=submit]"));
        }
        return !sig.photos;
    }

    async function goLater(form, button) {
        hold(form);
        await sig.photos;
        release(form);
        sig.say(form);
        button.click();
    }

    // Before the form itself hears of it.
    document.addEventListener(
        "submit",
        (ev) => {
            const form = ev.target;
            if (isOurs(form) && !mayGo(form, ev.submitter)) {
                ev.preventDefault();
                ev.stopImmediatePropagation();
            }
        },
        true
    );
    // Afterwards, unless a captcha of core holds it: that one submits the form when it is done.
    document.addEventListener("submit", (ev) => {
        const form = ev.target;
        if (!isOurs(form)) {
            isLeaving = true;
        } else if (!ev.defaultPrevented) {
            ev.preventDefault();
            sig.send(form, ev.submitter);
        } else {
            form.dataset.held = "1";
            form.submit = () => sig.send(form);
            setTimeout(() => form.dataset.held && sig.send(form), CAPTCHA_PATIENCE);
        }
    });

    // Turnstile holds the form until its server answers: where that is out of reach, nobody could file.
    setTimeout(
        () => document.querySelectorAll("form.o_sig_form:not([data-sending])").forEach(release),
        CAPTCHA_PATIENCE
    );

    sig.onPage(() => {
        for (const form of document.querySelectorAll("form.o_sig_form[method=post]")) {
            getState(form);
            const token = form.elements.submission_token;
            if (token && !token.value) {
                token.value = sig.makeId();
            }
        }
    });
}
