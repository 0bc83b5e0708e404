/** The languages that people are spoken to in. */
export const LANGUAGES = ['en-US', 'de', 'ja', 'zh-TW'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The first of the wanted languages that there are texts in; `en-US` if there is none. Wanted ones are tags such as `de-AT`, best first. */
export function chosenLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => isMeant(tag, language));
    if (found !== undefined) return found;
  }
  return 'en-US';
}

/** Compares the script too, so that only Chinese in traditional characters matches zh-TW. */
function isMeant(tag: string, language: Language): boolean {
  try {
    const { language: spoken, script } = new Intl.Locale(tag).maximize();
    const { language: own, script: ownScript } = new Intl.Locale(language).maximize();
    return spoken === own && script === ownScript;
  } catch {
    // It is no tag of a language.
    return false;
  }
}
