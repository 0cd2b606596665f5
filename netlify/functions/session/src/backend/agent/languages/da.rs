//! The agent's own messages to visitors, in Danish.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Søger på nettet …",
    searching_files: "Søger i dokumenter …",
    using_tool: "Slår noget op …",
    try_again: "Svaret kunne ikke gøres færdigt. Prøv igen.",
    busy: "For mange spørger lige nu. Prøv igen om et øjeblik.",
    unavailable: "Denne chat er ikke tilgængelig i øjeblikket.",
    too_long: "Beskeden er for lang. Den må højst have {limit} tegn.",
    full: "Denne samtale har nået sin største længde. Start en ny for at fortsætte.",
    unknown: "Denne samtale kan ikke fortsættes. Start en ny.",
    unsupported: "Det understøtter denne chat ikke.",
    cut_off: "Svaret blev afbrudt, fordi det blev for langt.",
    filtered: "Det spørgsmål kan ikke besvares her.",
    form_title: "Kontakt os",
    form_name: "Dit navn",
    form_email: "Din e-mailadresse",
    form_message: "Din besked",
    form_attach: "Vedhæft denne samtale",
    form_send: "Send besked",
    form_sent: "Din besked er sendt.",
    form_failed: "Din besked kunne ikke sendes. Prøv igen om lidt.",
    form_check: "Udfyld alle felter, og kontrollér e-mailadressen.",
};
