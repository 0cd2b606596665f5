//! The agent's own messages to visitors, in Finnish.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Haetaan verkosta…",
    searching_files: "Haetaan asiakirjoista…",
    using_tool: "Tarkistetaan tietoja…",
    try_again: "Vastausta ei saatu valmiiksi. Yritä uudelleen.",
    busy: "Kysyjiä on nyt liikaa. Yritä hetken kuluttua uudelleen.",
    unavailable: "Tämä keskustelupalvelu ei ole juuri nyt käytettävissä.",
    too_long: "Tämä viesti on liian pitkä. Siinä voi olla enintään {limit} merkkiä.",
    full: "Tämä keskustelu on saavuttanut enimmäispituutensa. Jatka aloittamalla uusi.",
    unknown: "Tätä keskustelua ei voi jatkaa. Aloita uusi.",
    unsupported: "Tätä ei tueta tässä keskustelussa.",
    cut_off: "Vastaus katkaistiin, koska siitä tuli liian pitkä.",
    filtered: "Tähän kysymykseen ei voida vastata täällä.",
    form_title: "Ota yhteyttä",
    form_name: "Nimesi",
    form_email: "Sähköpostiosoitteesi",
    form_message: "Viestisi",
    form_attach: "Liitä tämä keskustelu",
    form_send: "Lähetä viesti",
    form_sent: "Viestisi on lähetetty.",
    form_failed: "Viestiäsi ei voitu lähettää. Yritä hetken kuluttua uudelleen.",
    form_check: "Täytä kaikki kentät ja tarkista sähköpostiosoite.",
};
