//! The agent's own messages to visitors, in Turkish.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Web’de aranıyor…",
    searching_files: "Belgelerde aranıyor…",
    using_tool: "Bilgiye bakılıyor…",
    try_again: "Yanıt tamamlanamadı. Lütfen yeniden deneyin.",
    busy: "Şu anda çok fazla soru var. Lütfen birazdan yeniden deneyin.",
    unavailable: "Bu sohbet şu anda kullanılamıyor.",
    too_long: "Bu mesaj çok uzun. En fazla {limit} karakter olabilir.",
    full: "Bu konuşma en uzun hâline ulaştı. Devam etmek için yeni bir konuşma başlatın.",
    unknown: "Bu konuşmaya devam edilemiyor. Lütfen yeni bir konuşma başlatın.",
    unsupported: "Bu sohbet bunu desteklemiyor.",
    cut_off: "Yanıt çok uzadığı için yarıda kesildi.",
    filtered: "Bu soru burada yanıtlanamıyor.",
    form_title: "Bize yazın",
    form_name: "Adınız",
    form_email: "E-posta adresiniz",
    form_message: "Mesajınız",
    form_attach: "Bu konuşmayı ekle",
    form_send: "Mesajı gönder",
    form_sent: "Mesajınız gönderildi.",
    form_failed: "Mesajınız gönderilemedi. Lütfen birazdan yeniden deneyin.",
    form_check: "Lütfen tüm alanları doldurun ve e-posta adresini kontrol edin.",
};
