//! The agent's own messages to visitors, in Hebrew.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "מתבצע חיפוש באינטרנט…",
    searching_files: "מתבצע חיפוש במסמכים…",
    using_tool: "מתבצעת בדיקה…",
    try_again: "לא ניתן היה להשלים את התשובה. נא לנסות שוב.",
    busy: "יש כרגע יותר מדי פניות. נא לנסות שוב בעוד רגע.",
    unavailable: "הצ'אט הזה אינו זמין כרגע.",
    too_long: "ההודעה ארוכה מדי. מספר התווים המרבי: {limit}.",
    full: "השיחה הגיעה לאורך המרבי. כדי להמשיך, יש להתחיל שיחה חדשה.",
    unknown: "לא ניתן להמשיך את השיחה הזאת. נא להתחיל שיחה חדשה.",
    unsupported: "הצ'אט הזה אינו תומך בכך.",
    cut_off: "התשובה נקטעה כי נעשתה ארוכה מדי.",
    filtered: "לא ניתן לענות כאן על השאלה הזאת.",
    form_title: "צרו קשר",
    form_name: "שמך",
    form_email: "כתובת הדוא״ל שלך",
    form_message: "ההודעה שלך",
    form_attach: "לצרף את השיחה הזאת",
    form_send: "שליחת ההודעה",
    form_sent: "ההודעה נשלחה.",
    form_failed: "לא ניתן היה לשלוח את ההודעה. נא לנסות שוב בעוד רגע.",
    form_check: "נא למלא את כל השדות ולבדוק את כתובת הדוא״ל.",
};
