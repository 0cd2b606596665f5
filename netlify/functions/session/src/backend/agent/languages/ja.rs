//! The agent's own messages to visitors, in Japanese.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "ウェブを検索しています…",
    searching_files: "文書を検索しています…",
    using_tool: "調べています…",
    try_again: "回答を完了できませんでした。もう一度お試しください。",
    busy: "現在、質問が多すぎます。しばらくしてからもう一度お試しください。",
    unavailable: "このチャットは現在ご利用いただけません。",
    too_long: "メッセージが長すぎます。{limit} 文字以内で入力してください。",
    full: "この会話は長さの上限に達しました。続けるには、新しい会話を始めてください。",
    unknown: "この会話は続けられません。新しい会話を始めてください。",
    unsupported: "このチャットでは対応していません。",
    cut_off: "長くなりすぎたため、回答が途中で終了しました。",
    filtered: "この質問にはここではお答えできません。",
    form_title: "お問い合わせ",
    form_name: "お名前",
    form_email: "メールアドレス",
    form_message: "メッセージ",
    form_attach: "この会話を添付する",
    form_send: "メッセージを送信",
    form_sent: "メッセージを送信しました。",
    form_failed: "メッセージを送信できませんでした。しばらくしてからもう一度お試しください。",
    form_check: "すべての項目を入力し、メールアドレスをご確認ください。",
};
