//! The agent's own messages to visitors, in Norwegian.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Søker på nettet …",
    searching_files: "Søker i dokumenter …",
    using_tool: "Slår opp noe …",
    try_again: "Svaret kunne ikke fullføres. Prøv igjen.",
    busy: "For mange spør akkurat nå. Prøv igjen om et øyeblikk.",
    unavailable: "Denne chatten er ikke tilgjengelig akkurat nå.",
    too_long: "Meldingen er for lang. Den kan ha høyst {limit} tegn.",
    full: "Denne samtalen har nådd sin største lengde. Start en ny for å fortsette.",
    unknown: "Denne samtalen kan ikke fortsette. Start en ny.",
    unsupported: "Denne chatten støtter ikke det.",
    cut_off: "Svaret ble avbrutt fordi det ble for langt.",
    filtered: "Dette spørsmålet kan ikke besvares her.",
    form_title: "Kontakt oss",
    form_name: "Navnet ditt",
    form_email: "E-postadressen din",
    form_message: "Meldingen din",
    form_attach: "Legg ved denne samtalen",
    form_send: "Send melding",
    form_sent: "Meldingen din er sendt.",
    form_failed: "Meldingen din kunne ikke sendes. Prøv igjen om litt.",
    form_check: "Fyll ut alle feltene, og kontroller e-postadressen.",
};
