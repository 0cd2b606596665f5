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
};
