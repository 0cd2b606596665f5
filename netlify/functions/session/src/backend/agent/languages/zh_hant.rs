//! The agent's own messages to visitors, in Chinese in traditional characters.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "正在搜尋網路…",
    searching_files: "正在搜尋文件…",
    using_tool: "正在查詢資訊…",
    try_again: "無法完成回覆，請重試。",
    busy: "目前提問的人太多，請稍後重試。",
    unavailable: "此聊天目前無法使用。",
    too_long: "此訊息過長，最多可包含 {limit} 個字元。",
    full: "此對話已達長度上限。如要繼續，請開始新的對話。",
    unknown: "無法繼續此對話，請開始新的對話。",
    unsupported: "此聊天不支援這項操作。",
    cut_off: "回覆過長，已被截斷。",
    filtered: "這裡無法回答這個問題。",
    form_title: "聯絡我們",
    form_name: "您的姓名",
    form_email: "您的電子郵件地址",
    form_message: "您的訊息",
    form_attach: "附上此對話",
    form_send: "傳送訊息",
    form_sent: "您的訊息已傳送。",
    form_failed: "您的訊息未能傳送。請稍後再試。",
    form_check: "請填寫所有欄位，並檢查電子郵件地址。",
};
