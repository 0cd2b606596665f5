//! The agent's own messages to visitors, in Chinese in simplified characters.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "正在搜索网络…",
    searching_files: "正在搜索文档…",
    using_tool: "正在查找信息…",
    try_again: "未能完成回复，请重试。",
    busy: "目前提问的人太多，请稍后重试。",
    unavailable: "此聊天目前不可用。",
    too_long: "此消息过长，最多可包含 {limit} 个字符。",
    full: "此对话已达到最大长度。如需继续，请开始新对话。",
    unknown: "无法继续此对话，请开始新对话。",
    unsupported: "此聊天不支持该操作。",
    cut_off: "回复过长，已被截断。",
    filtered: "此处无法回答这个问题。",
    form_title: "联系我们",
    form_name: "您的姓名",
    form_email: "您的电子邮箱",
    form_message: "您的留言",
    form_attach: "附上此对话",
    form_send: "发送留言",
    form_sent: "您的留言已发送。",
    form_failed: "您的留言未能发送。请稍后再试。",
    form_check: "请填写所有字段，并检查电子邮箱地址。",
};
