/** @odoo-module ignore **/
// What a browser can do better than the server, which checks it again: files too large. The texts come with the form.
for (const form of document.querySelectorAll(".sig_pqrs_form")) {
    const MB = 1024 * 1024;
    // How long a captcha may take to let a form go. What it did not check is looked at by a person.
    const CAPTCHA_PATIENCE = 8000;

    // Turnstile holds the form until its server answers: where that is out of reach, nobody could file.
    setTimeout(() => {
        for (const button of form.querySelectorAll(".cf_form_disabled")) {
            button.classList.remove("disabled", "cf_form_disabled");
        }
        for (const field of form.querySelectorAll(".turnstile_captcha_valid")) {
            field.required = false;
        }
    }, CAPTCHA_PATIENCE);

    const input = form.querySelector("#pqrs_attachments");
    input.addEventListener("change", () => {
        const { maxFiles, maxFileMb, maxTotalMb, tooMany, tooLarge, tooMuch } = form.dataset;
        const files = [...input.files];
        const large = files.find((file) => file.size > maxFileMb * MB);
        const total = files.reduce((sum, file) => sum + file.size, 0);
        let message = "";
        if (files.length > maxFiles) {
            message = tooMany;
        } else if (large) {
            message = tooLarge.replace("…", () => large.name);
        } else if (total > maxTotalMb * MB) {
            message = tooMuch;
        }
        input.setCustomValidity(message);
        input.classList.toggle("is-invalid", Boolean(message));
        form.querySelector("#pqrs_attachments_error").textContent = message;
    });
}
