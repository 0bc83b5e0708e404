/** A placeholder in a template, for example `{address}`. */
const PLACE = /\{(\w+)\}/g;

interface Template {
  pattern: RegExp;
  translation: string;
}

/**
 * Returns a function that translates sentences made from templates such as `connected from {address}`, the keys of `translations`. It also
 * translates the value of a placeholder if the value matches a template, and returns a sentence that matches no template unchanged.
 */
export function translator(translations: Readonly<Record<string, string>>): (text: string) => string {
  // If two templates match, the longer one wins.
  const templates = Object.entries(translations)
    .sort(([a], [b]) => wordsOf(b) - wordsOf(a))
    .map(([template, translation]): Template => ({ pattern: patternOf(template), translation }));
  return function translate(text: string): string {
    for (const { pattern, translation } of templates) {
      const found = pattern.exec(text);
      if (found === null) continue;
      return translation.replaceAll(PLACE, (_place, name: string) => translate(found.groups?.[name] ?? ''));
    }
    return text;
  };
}

function wordsOf(template: string): number {
  return template
    .split(PLACE)
    .filter((_part, index) => index % 2 === 0)
    .join('').length;
}

function patternOf(template: string): RegExp {
  const parts = template
    .split(PLACE)
    .map((part, index) =>
      index % 2 === 0 ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : `(?<${part}>.+?)`,
    );
  return new RegExp(`^${parts.join('')}$`, 's');
}
