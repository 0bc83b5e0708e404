/** Who asked for something, as people know them: the record says also that it was at the dashboard. */
export function nameOf(who: string): string {
  return who.replace(/^dashboard: /, '');
}
