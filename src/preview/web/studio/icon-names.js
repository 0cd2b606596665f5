/** Which of Lucide's icons the picker offers first, and by what they are about: Lucide's package has no categories. */

/** @param {string} names */
const words = (names) => names.trim().split(/\s+/);

/** Right for most chats. */
export const OFTEN =
  words(`message-circle message-square messages-square message-circle-question-mark bot bot-message-square
  sparkles circle-question-mark life-buoy headset hand-helping face-slightly-smiling heart star search book-open graduation-cap
  shopping-bag package calendar mail phone`);

/** What icons are about. @type {[title: string, names: string[]][]} */
export const CATEGORIES = [
  [
    "Talk",
    words(`message-circle-more message-circle-heart message-square-text message-square-quote message-square-heart
      text-quote megaphone speech mic send at-sign hash bell reply quote languages`),
  ],
  [
    "Help",
    words(`info lightbulb circle-alert badge-question-mark hand-heart handshake wrench hammer settings bug shield-check
      lock key-round file-question-mark list-checks circle-check`),
  ],
  [
    "Shop",
    words(`shopping-cart store tag tags gift percent credit-card wallet receipt banknote coins truck undo-2 box barcode
      badge-percent`),
  ],
  [
    "Company",
    words(`building briefcase users user user-plus contact calendar-check clock map-pin scale landmark
      chart-column trending-up presentation target rocket`),
  ],
  [
    "Knowledge",
    words(`book library notebook-pen file-text files newspaper school brain atom flask-conical microscope
      calculator code terminal database cpu`),
  ],
  [
    "Home and travel",
    words(`house bed bath sofa key car bike bus train-front plane ship luggage map compass tent mountain`),
  ],
  [
    "Food and health",
    words(`coffee utensils pizza cake wine apple salad chef-hat stethoscope pill heart-pulse dumbbell baby paw-print
      leaf flower-2`),
  ],
  [
    "Fun and signs",
    words(`party-popper headphones camera image film gamepad-2 palette wand-sparkles zap flame sun moon cloud umbrella
      thumbs-up crown`),
  ],
];
