/** Returns a text as it is written between double quotes. */
export function inQuotes(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
