/** How many bytes are searched at each end of a text that cannot be read, since an id stands near one of them. */
const LOOKED_THROUGH = 64 * 1024;
const MAX_IDS = 10;
const NAMED =
  /request[-_ ]?id[\\"'\s]*[:=][\\"'\s[{(]*(?:(?:id|value)[\\"'\s]*[:=][\\"'\s]*)?(-?\d{1,20})(?:\.0+)?(?![\w.])/gi;

/** Returns a request id as the manager writes it; null if it is none. Gateways give it as text or number, some with leading zeros. */
export function requestIdIn(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const [, sign = '', digits] = /^\s*(-?)0*(\d{1,40}?)(?:\.0+)?\s*$/.exec(String(value)) ?? [];
  return digits === undefined ? null : `${sign}${digits}`;
}

const ID_NAME = /^request[-_ ]?id$/i;
const HEADERS_NAME = /^headers$/i;

/** Returns the request ids that an answer names, at its top level or in headers of any shape. Its own `request-id` comes first. */
export function requestIdsIn(body: Record<string, unknown>): string[] {
  const ids = new Set<string>();
  const note = (value: unknown) => {
    const id = requestIdIn(value);
    if (id !== null) ids.add(id);
  };
  const look = (one: unknown) => {
    if (typeof one !== 'object' || one === null) return;
    for (const [name, value] of Object.entries(one)) if (ID_NAME.test(name)) note(value);
  };
  note(body['request-id']);
  look(body);
  for (const [name, headers] of Object.entries(body)) {
    if (!HEADERS_NAME.test(name)) continue;
    for (const one of Array.isArray(headers) ? headers : [headers]) look(one);
  }
  return [...ids];
}

/** Returns the request ids in an answer that cannot be read, be it cut off, escaped or with two bytes for each character. */
export function requestIdsOf(bytes: Buffer): string[] {
  const ends =
    bytes.length <= 2 * LOOKED_THROUGH
      ? [bytes]
      : [bytes.subarray(0, LOOKED_THROUGH), bytes.subarray(-LOOKED_THROUGH)];
  const ids = ends.flatMap((end) =>
    [...end.toString('latin1').replaceAll('\u0000', '').matchAll(NAMED)].map(([, id]) => requestIdIn(id)),
  );
  return [...new Set(ids.filter((id) => id !== null))].slice(0, MAX_IDS);
}
