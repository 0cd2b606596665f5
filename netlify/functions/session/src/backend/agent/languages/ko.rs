//! The agent's own messages to visitors, in Korean.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "웹을 검색하는 중입니다…",
    searching_files: "문서를 검색하는 중입니다…",
    using_tool: "정보를 찾는 중입니다…",
    try_again: "답변을 완료하지 못했습니다. 다시 시도해 주세요.",
    busy: "지금 질문이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
    unavailable: "지금은 이 채팅을 이용할 수 없습니다.",
    too_long: "메시지가 너무 깁니다. 최대 {limit}자까지 입력할 수 있습니다.",
    full: "이 대화가 최대 길이에 도달했습니다. 계속하려면 새 대화를 시작해 주세요.",
    unknown: "이 대화는 계속할 수 없습니다. 새 대화를 시작해 주세요.",
    unsupported: "이 채팅에서는 지원하지 않습니다.",
    cut_off: "답변이 너무 길어져 중간에 끝났습니다.",
    filtered: "이 질문에는 여기에서 답변할 수 없습니다.",
    form_title: "문의하기",
    form_name: "이름",
    form_email: "이메일 주소",
    form_message: "메시지",
    form_attach: "이 대화 첨부",
    form_send: "메시지 보내기",
    form_sent: "메시지를 보냈습니다.",
    form_failed: "메시지를 보내지 못했습니다. 잠시 후 다시 시도해 주세요.",
    form_check: "모든 항목을 입력하고 이메일 주소를 확인해 주세요.",
};
