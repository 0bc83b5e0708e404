import { ref } from 'vue';
import { chosenLanguage, type Language } from '../../../api/words/languages.js';

export { LANGUAGES, type Language } from '../../../api/words/languages.js';

const STORED_AS = 'tpedm-language';

/** The current language of all widgets: the one that the person chose, or else the first one of the browser that there is. */
export const language = ref<Language>(
  chosenLanguage([localStorage.getItem(STORED_AS) ?? '', ...navigator.languages]),
);

/** Changes the language, and stores it in the browser for later visits. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(STORED_AS, chosen);
  language.value = chosen;
}
