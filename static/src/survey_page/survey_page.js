import { registry } from "@web/core/registry";
import { SurveyForm } from "@survey/interactions/survey_form";

const CONTROLS = "input:not([type=hidden]), textarea";

/** Our questionnaires are answered with a keyboard and with a screen reader; the surveys of others stay as they are. */
class SigSurveyForm extends SurveyForm {
    setup() {
        super.setup();
        this.isSigSurvey = this.el.classList.contains("o_sig_survey");
        this.dynamicContent = { ...this.dynamicContent, ".o_sig_clear": { "t-on-click": this.onSigClear } };
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
            this.submitForm({ isFinish: true });
            return;
        }
        super.onSubmit(ev);
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
        const questionEls = [...this.el.querySelectorAll(".js_question-wrapper")].filter(({ id }) => id in errors);
        for (const questionEl of questionEls) {
            this.getSigGroups(questionEl).forEach((el) => el.setAttribute("aria-invalid", "true"));
        }
        questionEls[0]?.querySelector(CONTROLS)?.focus({ preventScroll: true });
        questionEls[0]?.scrollIntoView({ behavior: "smooth" });
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
            const headingEl = this.el.querySelector(".o_survey_form_content :is(h1, h2, h3)");
            headingEl?.setAttribute("tabindex", "-1");
            headingEl?.focus({ preventScroll: true });
        }
    }
}

registry.category("public.interactions").add("survey.SurveyForm", SigSurveyForm, { force: true });
