//! The agent's own messages to visitors, in Dutch.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Zoekt op het web…",
    searching_files: "Zoekt in documenten…",
    using_tool: "Zoekt iets op…",
    try_again: "Het antwoord kon niet worden voltooid. Probeer het opnieuw.",
    busy: "Er zijn nu te veel vragen. Probeer het zo meteen opnieuw.",
    unavailable: "Deze chat is op dit moment niet beschikbaar.",
    too_long: "Dit bericht is te lang. Het mag hoogstens {limit} tekens bevatten.",
    full: "Dit gesprek heeft de maximale lengte bereikt. Begin een nieuw gesprek om verder te gaan.",
    unknown: "Dit gesprek kan niet worden voortgezet. Begin een nieuw gesprek.",
    unsupported: "Dat ondersteunt deze chat niet.",
    cut_off: "Het antwoord is afgebroken omdat het te lang werd.",
    filtered: "Deze vraag kan hier niet worden beantwoord.",
    form_title: "Neem contact op",
    form_name: "Uw naam",
    form_email: "Uw e-mailadres",
    form_message: "Uw bericht",
    form_attach: "Dit gesprek meesturen",
    form_send: "Bericht versturen",
    form_sent: "Uw bericht is verzonden.",
    form_failed: "Uw bericht kon niet worden verzonden. Probeer het zo meteen opnieuw.",
    form_check: "Vul alle velden in en controleer het e-mailadres.",
};
