//! The agent's own messages to visitors, in Polish.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Szukam w internecie…",
    searching_files: "Szukam w dokumentach…",
    using_tool: "Sprawdzam informacje…",
    try_again: "Nie udało się dokończyć odpowiedzi. Spróbuj ponownie.",
    busy: "Jest teraz zbyt wiele pytań. Spróbuj ponownie za chwilę.",
    unavailable: "Ten czat jest obecnie niedostępny.",
    too_long: "Ta wiadomość jest zbyt długa. Maksymalna liczba znaków: {limit}.",
    full: "Ta rozmowa osiągnęła maksymalną długość. Aby kontynuować, rozpocznij nową.",
    unknown: "Tej rozmowy nie można kontynuować. Rozpocznij nową.",
    unsupported: "Ten czat tego nie obsługuje.",
    cut_off: "Odpowiedź została przerwana, ponieważ była zbyt długa.",
    filtered: "Na to pytanie nie można tutaj odpowiedzieć.",
    form_title: "Napisz do nas",
    form_name: "Imię i nazwisko",
    form_email: "Adres e-mail",
    form_message: "Wiadomość",
    form_attach: "Dołącz tę rozmowę",
    form_send: "Wyślij wiadomość",
    form_sent: "Wiadomość została wysłana.",
    form_failed: "Nie udało się wysłać wiadomości. Spróbuj ponownie za chwilę.",
    form_check: "Wypełnij wszystkie pola i sprawdź adres e-mail.",
};
