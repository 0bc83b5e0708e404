import { ref } from 'vue';

export const LANGUAGES = ['en-US', 'de', 'ja', 'zh-TW'] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED_AS = 'tpedm-language';

/** The language that the person chose, or else the first supported language of the browser, or else English. */
function firstLanguage(): Language {
  const wanted = [localStorage.getItem(STORED_AS) ?? '', ...navigator.languages];
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => isMeant(tag, language));
    if (found) return found;
  }
  return 'en-US';
}

/** Compares the script too, so that only Chinese in traditional characters matches zh-TW. */
function isMeant(tag: string, language: Language): boolean {
  if (tag === '') return false;
  const { language: spoken, script } = new Intl.Locale(tag).maximize();
  const { language: own, script: ownScript } = new Intl.Locale(language).maximize();
  return spoken === own && script === ownScript;
}

/** The current language of all widgets. */
export const language = ref<Language>(firstLanguage());

/** Changes the language, and stores it in the browser for later visits. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(STORED_AS, chosen);
  language.value = chosen;
}
