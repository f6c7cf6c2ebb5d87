import {rpc} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {SurveyForm} from "@survey/interactions/survey_form";

const CONTROLS = "input:not([type=hidden]), textarea";
const QUESTIONS = ".js_question-wrapper:not(.d-none)";

/** Milliseconds: until what is being typed is saved, until a request is given up, and until it is tried again. */
const TYPING = 800;
const PATIENCE = 20000;
const RETRY = 10000;

/**
 * Our questionnaires are answered with a keyboard, with a screen reader, on a phone and with a bad network; the surveys of
 * others stay as they are.
 */
class SigSurveyForm extends SurveyForm {
    setup() {
        super.setup();
        this.isSigSurvey = this.el.classList.contains("o_sig_survey");
        if (!this.isSigSurvey) {
            return;
        }
        this.progressEl = this.el.querySelector(".o_sig_progress");
        this.storageKey = `sig_survey_${this.options.answerToken}`;
        // {id of a question: what the page sends}; of a survey that is to be begun, perhaps again, nothing is saved
        this.unsaved = this.options.isStartScreen ? {} : this.readUnsaved();
        this.saveTyped = this.debounced(() => this.save(), TYPING);
        this.saveAgain = this.debounced(() => this.save(), RETRY);
        this.dynamicContent = {
            ...this.dynamicContent,
            ".o_sig_clear": {"t-on-click": this.onSigClear},
            ".o_sig_back": {
                "t-on-click": () => this.goToPart(this.getParts()[this.getParts().indexOf(this.partEl) - 1]),
            },
            ".o_sig_continue": {"t-on-click": this.onSigContinue},
            ".js_question-wrapper": {"t-on-input": this.onSigInput, "t-on-change": this.onSigChange},
            _document: {...this.dynamicContent._document, "t-on-visibilitychange": () => this.save()},
            _window: {"t-on-online": () => this.save()},
        };
    }

    start() {
        super.start();
        if (this.isSigSurvey && !this.options.isStartScreen && !this.readonly) {
            this.resume();
        }
    }

    /**
     * On its first page core takes every Enter for the start of the survey, also that of a link.
     *
     * @override
     */
    onKeyDown(ev) {
        if (this.isSigSurvey && ev.target.closest("a, button, select")) {
            return;
        }
        super.onKeyDown(ev);
    }

    /**
     * They are sent by one click: what is missing shows in its place, and nothing is asked twice.
     *
     * @override
     */
    onSubmit(ev) {
        if (ev.currentTarget.value === "finish" && this.isSigSurvey) {
            ev.preventDefault();
            this.submitForm({isFinish: true});
            return;
        }
        super.onSubmit(ev);
    }

    // Saving
    // -------------------------------------------------------------------------

    onSigInput(ev) {
        if (ev.target.matches("textarea, input:not([type=radio], [type=checkbox])")) {
            this.note(ev.currentTarget);
            this.saveTyped();
        }
    }

    onSigChange(ev) {
        this.note(ev.currentTarget);
        this.save();
    }

    /** Keep the answer to a question, on the device too, until it is saved. */
    note(questionEl) {
        const params = {};
        try {
            const question = Object.create(this, {el: {value: questionEl}});
            question.prepareSubmitValues(new FormData(), params);
        } catch {
            return; // a date that is being typed
        }
        this.showProgress();
        if (this.progressEl.dataset.saves) {
            this.unsaved[questionEl.id] = params[questionEl.id] ?? "";
            this.storeUnsaved();
        }
    }

    readUnsaved() {
        try {
            return JSON.parse(localStorage.getItem(this.storageKey)) || {};
        } catch {
            return {};
        }
    }

    storeUnsaved() {
        try {
            if (Object.keys(this.unsaved).length) {
                localStorage.setItem(this.storageKey, JSON.stringify(this.unsaved));
            } else {
                localStorage.removeItem(this.storageKey);
            }
        } catch {
            // the browser keeps nothing: the page does
        }
    }

    /** One request at a time: an older answer never comes after a newer one. */
    save() {
        this.saving ??= this.saveAll().finally(() => {
            this.saving = null;
        });
        return this.saving;
    }

    async saveAll() {
        while (Object.keys(this.unsaved).length) {
            const answers = {...this.unsaved};
            let page = null;
            try {
                page = await this.sendAnswers(answers);
            } catch {
                this.tell("unsaved");
                this.saveAgain();
                return;
            }
            for (const [id, answer] of Object.entries(answers)) {
                if (this.unsaved[id] === answer) {
                    delete this.unsaved[id];
                }
            }
            this.storeUnsaved();
            if (!page.saved) {
                await this.refuse(page);
                return;
            }
            this.tell(page.invalid.length ? "" : "saved");
        }
    }

    sendAnswers(answers) {
        const {surveyToken, answerToken} = this.options;
        const call = rpc(`/pqrs/survey/save/${surveyToken}/${answerToken}`, {answers}, {silent: true});
        return this.waitPatiently(call);
    }

    /** A network that hangs is taken for none. */
    async waitPatiently(call) {
        const timer = setTimeout(() => call.abort?.(), PATIENCE);
        try {
            return await call;
        } finally {
            clearTimeout(timer);
        }
    }

    /** It was answered elsewhere, or its wave is over: the server says so. */
    async refuse(page) {
        this.refused = true;
        this.unsaved = {};
        this.storeUnsaved();
        if (page.survey_content) {
            await this.nextScreen(Promise.resolve([{}, page]), {isFinish: true});
        } else {
            this.tell("refused");
        }
    }

    tell(name) {
        this.progressEl.querySelector("[role=status]").textContent = name ? this.progressEl.dataset[name] : "";
    }

    /** @override */
    async submitForm(options) {
        if (this.isSigSurvey) {
            if (Object.keys(this.unsaved).length) {
                this.tell("sending");
            }
            await this.save();
            if (this.refused) {
                return;
            }
            if (Object.keys(this.unsaved).length) {
                this.tell("unsent"); // what was taken back would count
                return;
            }
        }
        return super.submitForm(options);
    }

    /**
     * Core hides the page while it waits for the next one, and leaves it hidden when none comes.
     *
     * @override
     */
    async nextScreen(nextScreenPromise, options) {
        if (this.isSigSurvey) {
            this.tell("sending");
            try {
                await this.waitPatiently(nextScreenPromise);
            } catch {
                this.tell("unsent");
                return;
            }
            this.tell("");
        }
        return super.nextScreen(nextScreenPromise, options);
    }

    // Where it is
    // -------------------------------------------------------------------------

    /** What an earlier visit could not save is saved first, and shown; then what was marked before scripts ran. */
    async resume() {
        if (Object.keys(this.unsaved).length) {
            await this.save();
            if (!Object.keys(this.unsaved).length && !this.refused) {
                window.location.reload();
                return;
            }
        }
        this.applyConditionalQuestionsVisibility(Object.keys(this.options.triggeringAnswersByQuestion));
        this.showParts();
        for (const questionEl of this.getQuestions(this.el)) {
            const controls = [...questionEl.querySelectorAll(CONTROLS)];
            if (controls.some((el) => el.checked !== el.defaultChecked || el.value !== el.defaultValue)) {
                this.note(questionEl);
            }
        }
        this.save();
        if (this.countAnswered()) {
            this.getMissing(this.el)[0]?.scrollIntoView();
        }
    }

    getQuestions(el) {
        return [...el.querySelectorAll(QUESTIONS)];
    }

    getMissing(el) {
        return this.getQuestions(el).filter((each) => each.dataset.required && !this.isAnswered(each));
    }

    isAnswered(questionEl) {
        return [...questionEl.querySelectorAll(CONTROLS)].some((el) =>
            ["radio", "checkbox"].includes(el.type) ? el.checked : el.value.trim()
        );
    }

    countAnswered() {
        return this.getQuestions(this.el).filter((each) => this.isAnswered(each)).length;
    }

    /** The sections that are asked. */
    getParts() {
        return [...this.el.querySelectorAll(".js_section_wrapper:not(.d-none)")];
    }

    /** On a small screen one section shows: the first in which something is missing. */
    showParts() {
        const looseEls = this.el.querySelectorAll(".o_survey_form_content > .js_question-wrapper");
        if (looseEls.length) {
            const partEl = document.createElement("div");
            partEl.classList.add("js_section_wrapper");
            looseEls[0].before(partEl);
            partEl.append(...looseEls);
        }
        const parts = this.getParts();
        this.partEl = parts.find((el) => this.getMissing(el).length) || parts.at(-1);
        this.updateParts();
        this.tell(this.progressEl.dataset.saves && this.getQuestions(this.el).length ? "saved" : "");
    }

    goToPart(partEl) {
        this.partEl = partEl;
        this.updateParts();
        const headingEl = partEl.querySelector("h2, h3") || partEl;
        headingEl.setAttribute("tabindex", "-1");
        headingEl.focus({preventScroll: true});
        partEl.scrollIntoView();
    }

    updateParts() {
        const parts = this.getParts();
        const contentEl = this.el.querySelector(".o_survey_form_content");
        const isPaged = parts.length > 1 && !!contentEl.querySelector(".o_sig_parts");
        contentEl.classList.toggle("o_sig_paged", isPaged);
        contentEl.classList.toggle("o_sig_first", this.partEl === parts[0]);
        contentEl.classList.toggle("o_sig_last", this.partEl === parts.at(-1));
        for (const el of parts) {
            el.classList.toggle("o_sig_part", el === this.partEl);
        }
        this.showProgress();
    }

    showProgress() {
        const [parts, all, done] = [this.getParts(), this.getQuestions(this.el).length, this.countAnswered()];
        this.progressEl.querySelector(".o_sig_progress_bar").classList.toggle("d-none", !all);
        Object.assign(this.progressEl.querySelector("progress"), {max: all || 1, value: done});
        const {count, part} = this.progressEl.dataset;
        const place = part.replace("{part}", parts.indexOf(this.partEl) + 1).replace("{parts}", parts.length);
        this.progressEl.querySelector(".o_sig_count").textContent = count.replace("{n}", done).replace("{total}", all);
        this.progressEl.querySelector(".o_sig_place").textContent = this.el.querySelector(".o_sig_paged") ? place : "";
    }

    onSigContinue() {
        const parts = this.getParts();
        if (this.validateForm(this.partEl, new FormData(this.formEl))) {
            this.goToPart(parts[parts.indexOf(this.partEl) + 1]);
        }
    }

    // Answers
    // -------------------------------------------------------------------------

    /**
     * Core clears an answer that is chosen again, without a word. Here a button clears it.
     *
     * @override
     */
    onRadioChoiceClick(ev) {
        if (!this.isSigSurvey) {
            super.onRadioChoiceClick(ev);
        }
    }

    /**
     * Core reacts to clicks on the cell: a click on its input, which is what keys make, would be undone.
     *
     * @override
     */
    onMatrixButtonClick(ev) {
        const inputEl = ev.currentTarget.querySelector("input");
        if (this.isSigSurvey && (ev.target === inputEl || (inputEl.type === "radio" && inputEl.checked))) {
            return;
        }
        super.onMatrixButtonClick(ev);
    }

    /** @override */
    async onChoiceItemChange(ev) {
        if (this.isSigSurvey) {
            this.clearSigError(ev.currentTarget.closest(".js_question-wrapper"));
        }
        return super.onChoiceItemChange(ev);
    }

    /**
     * An arrow key chooses an answer on its way to the next one: the page waits for its button.
     *
     * @override
     */
    checkConditionalQuestionsConfiguration(targetEl, choiceItemGroupEl) {
        const isComplete = super.checkConditionalQuestionsConfiguration(targetEl, choiceItemGroupEl);
        return isComplete && !this.isSigSurvey;
    }

    onSigClear(ev) {
        const questionEl = ev.currentTarget.closest(".js_question-wrapper");
        for (const inputEl of questionEl.querySelectorAll("input:checked")) {
            inputEl.checked = false;
            this.triggerEvent(inputEl, "change");
        }
        questionEl.querySelector(CONTROLS)?.focus();
    }

    // Errors
    // -------------------------------------------------------------------------

    /** @override */
    showErrors(errors) {
        super.showErrors(errors);
        if (!this.isSigSurvey) {
            return;
        }
        const questionEls = [...this.el.querySelectorAll(".js_question-wrapper")].filter(({id}) => id in errors);
        for (const questionEl of questionEls) {
            this.getSigGroups(questionEl).forEach((el) => el.setAttribute("aria-invalid", "true"));
        }
        const partEl = questionEls[0]?.closest(".js_section_wrapper");
        if (partEl) {
            this.partEl = partEl;
            this.updateParts();
        }
        questionEls[0]?.querySelector(CONTROLS)?.focus({preventScroll: true});
        questionEls[0]?.scrollIntoView({behavior: "smooth"});
    }

    /** @override */
    resetErrors() {
        super.resetErrors();
        this.el.querySelectorAll("[aria-invalid]").forEach((el) => el.removeAttribute("aria-invalid"));
    }

    clearSigError(questionEl) {
        const errorEl = questionEl.querySelector(":scope > .o_survey_question_error");
        errorEl?.replaceChildren();
        errorEl?.classList.remove("slide_in");
        this.getSigGroups(questionEl).forEach((el) => el.removeAttribute("aria-invalid"));
    }

    /** What a screen reader calls invalid: the group of radio buttons, or each control. */
    getSigGroups(questionEl) {
        const groupEl = questionEl.querySelector("[role=radiogroup]");
        return groupEl ? [groupEl] : [...questionEl.querySelectorAll(CONTROLS)];
    }

    // Pages
    // -------------------------------------------------------------------------

    /**
     * What had the focus is gone with the page before: it goes to the heading of the new one.
     *
     * @override
     */
    onNextScreenDone(options) {
        super.onNextScreenDone(options);
        if (this.isSigSurvey && !this.nextScreenResult?.error) {
            this.showParts();
            const headingEl = this.el.querySelector(".o_survey_form_content :is(h1, h2, h3)");
            headingEl?.setAttribute("tabindex", "-1");
            headingEl?.focus({preventScroll: true});
        }
    }
}

registry.category("public.interactions").add("survey.SurveyForm", SigSurveyForm, {force: true});
