import type { DeviceFilter } from '../../../manager/registry/device-filter.js';

/** Which gateways a person has chosen: some by one by one, or all that match a filter, whose number was shown. */
export type Selection =
  | { kind: 'ids'; ids: string[] }
  | { kind: 'matching'; filter: DeviceFilter; count: number };

export const NOBODY: Selection = { kind: 'ids', ids: [] };
/** The most that acts on single gateways take at once. */
export const MOST_SINGLE = 500;

/** How many are chosen. */
export function sizeOf(selection: Selection): number {
  return selection.kind === 'ids' ? selection.ids.length : selection.count;
}

export function isChosen(selection: Selection, clientid: string): boolean {
  return selection.kind === 'matching' || selection.ids.includes(clientid);
}

/** The filter that finds the chosen ones. */
export function whomOf(selection: Selection): DeviceFilter {
  return selection.kind === 'ids' ? { clientids: selection.ids } : selection.filter;
}

/** Chooses one more or one less; out of all that match, those of the page stay. */
export function choose(
  selection: Selection,
  clientid: string,
  isWanted: boolean,
  onPage: readonly string[],
): Selection {
  const before = selection.kind === 'ids' ? selection.ids : onPage;
  const others = before.filter((one) => one !== clientid);
  return { kind: 'ids', ids: isWanted ? [...others, clientid] : others };
}

/** Chooses all of a page, or none of them. */
export function choosePage(selection: Selection, isWanted: boolean, onPage: readonly string[]): Selection {
  const before = selection.kind === 'ids' ? selection.ids : [];
  const others = before.filter((one) => !onPage.includes(one));
  return { kind: 'ids', ids: isWanted ? [...others, ...onPage] : others };
}
