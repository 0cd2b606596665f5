/** The languages of ChatKit, which starts with none of its options for the sake of one that it does not know. */

const LOCALES = (
  "am ar bg-BG bn-BD bs-BA ca-ES cs-CZ da-DK de-DE el-GR es-419 es-ES et-EE fi-FI fr-CA fr-FR gu-IN hi-IN hr-HR " +
  "hu-HU hy-AM id-ID is-IS it-IT ja-JP ka-GE kk kn-IN ko-KR lt lv-LV mk-MK ml mn mr-IN ms-MY my-MM nb-NO nl-NL " +
  "pa pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sl-SI so-SO sq-AL sr-RS sv-SE sw-TZ ta-IN te-IN th-TH tl tr-TR uk-UA " +
  "ur vi-VN zh-CN zh-HK zh-TW bg bn bs ca cs da de el es et fi fr gu hi hr hu hy id is it ja ka kn ko lv mk mr " +
  "ms my nb nl pl pt ro ru sk sl so sq sr sv sw ta te th tr uk vi zh zh-Hant en"
).split(" ");

/**
 * The language of ChatKit's that is meant: `en` for `en-US`.
 *
 * @param {string | undefined} wanted
 * @returns {string | undefined}
 */
export function nearest(wanted) {
  return [wanted, wanted?.split("-")[0]].find((locale) => locale && LOCALES.includes(locale));
}
