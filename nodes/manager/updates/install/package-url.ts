/** Why gateways are not told to load from this URL; null where they may. */
export function urlFault(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return 'it is no URL';
  if (url.protocol !== 'https:') return 'it does not begin with https:';
  if (url.username !== '' || url.password !== '') return 'it has a login in it';
  return null;
}
