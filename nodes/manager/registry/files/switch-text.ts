/** How people and programs write yes and no, in lower case. */
const YES =
  'true wahr vrai oui yes ja y j t x 1 1.0 -1 on ein an enabled active aktiv aktiviert freigegeben si sí sim verdadero vero ✓ ✔ ☑ ✅ はい 有効 オン 是 有 啟用 已啟用';
const NO =
  'false falsch faux non no nein n f 0 0.0 off aus disabled inactive inaktiv deaktiviert gesperrt não falso ✗ ✘ ☐ ❌ いいえ 無効 オフ 否 無 停用 已停用';

const MEANINGS = new Map<string, boolean>([
  ...YES.split(' ').map((word) => [word, true] as const),
  ...NO.split(' ').map((word) => [word, false] as const),
]);

/** Reads a text that means yes or no; null if it is none of the known words. */
export function switchIn(text: string): boolean | null {
  return MEANINGS.get(text.normalize('NFKC').replace(/^'/, '').trim().toLowerCase()) ?? null;
}
