import type { AddressQuery } from './address-view.js';
import type { PageQuery } from './use-pages.js';

/** What of an address is where somebody reads in a list, or has opened there, and not what the list is of. */
const PLACE_IN_LIST = /^(page|([a-z]+-)*after|command|installation|failed|group)$/;

/** The query of an address as text that is the same for the same view, in whatever order its names are; without the place in a list. */
export function viewText(query: AddressQuery): string {
  const entries = Object.entries(query)
    .filter(([name]) => !PLACE_IN_LIST.test(name))
    .flatMap(([name, values]) => values.map((value) => [name, value]));
  const text = new URLSearchParams(entries);
  text.sort();
  return text.toString();
}

/** The query of a link to a view that was kept as text. */
export function viewQuery(text: string): PageQuery {
  const params = new URLSearchParams(text);
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
