//! The agent's own messages to visitors, in Italian.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Ricerca sul web…",
    searching_files: "Ricerca nei documenti…",
    using_tool: "Ricerca di informazioni…",
    try_again: "Non è stato possibile completare la risposta. Riprova.",
    busy: "Ci sono troppe richieste in questo momento. Riprova tra un momento.",
    unavailable: "Questa chat non è disponibile al momento.",
    too_long: "Questo messaggio è troppo lungo. Può avere al massimo {limit} caratteri.",
    full: "Questa conversazione ha raggiunto la lunghezza massima. Iniziane una nuova per continuare.",
    unknown: "Questa conversazione non può continuare. Iniziane una nuova.",
    unsupported: "Questa chat non lo consente.",
    cut_off: "La risposta è stata interrotta perché era troppo lunga.",
    filtered: "Non è possibile rispondere qui a questa domanda.",
    form_title: "Contattaci",
    form_name: "Il tuo nome",
    form_email: "Il tuo indirizzo e-mail",
    form_message: "Il tuo messaggio",
    form_attach: "Allega questa conversazione",
    form_send: "Invia messaggio",
    form_sent: "Il tuo messaggio è stato inviato.",
    form_failed: "Non è stato possibile inviare il messaggio. Riprova tra un momento.",
    form_check: "Compila tutti i campi e controlla l’indirizzo e-mail.",
};
