/** @odoo-module ignore **/
// While the subject is typed, the company's answers to frequent questions are offered below it. They hold up nothing:
// who goes on to another field sees nothing move, and what fails is not there.
{
    const PAUSE = 400;
    let timer = null;

    async function post(form, page, name, value) {
        const data = new FormData();
        data.append("csrf_token", form.elements.csrf_token.value);
        data.append(name, value);
        const answer = await fetch(form.getAttribute("action").replace(/new$/, page), {method: "POST", body: data});
        return new DOMParser().parseFromString(answer.status === 200 ? await answer.text() : "", "text/html");
    }

    async function offer(field, box) {
        const text = field.value.trim();
        if (text === box.dataset.text) {
            return;
        }
        box.dataset.text = text;
        const answer = await post(field.form, "faq", "text", text);
        if (document.activeElement !== field || text !== field.value.trim()) {
            return;
        }
        const [status, list] = box.children;
        const found = [...answer.querySelectorAll("details")];
        const getIds = (details) => details.map((one) => one.dataset.faq).join();
        if (getIds(found) !== getIds([...list.children])) {
            list.replaceChildren(...found);
            status.textContent = answer.querySelector("p")?.textContent || "";
        }
    }

    document.addEventListener("input", (ev) => {
        const box = ev.target.name === "subject" && ev.target.form.querySelector(".o_sig_faq");
        if (box) {
            clearTimeout(timer);
            timer = setTimeout(() => offer(ev.target, box).catch(() => undefined), PAUSE);
        }
    });
}
