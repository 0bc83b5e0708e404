import type { FlowRecord } from './flow-record.js';

/** How the flow in the data folder stands to the one that the pack brings. */
export type FlowStanding =
  /** It is that one. */
  | 'current'
  /** It is a bundled flow of before, in which nobody changed anything. */
  | 'older'
  /** It is a bundled flow that this pack does not know: a later pack has put it there. */
  | 'newer'
  /** A person has changed it, or chosen it. */
  | 'changed';

interface Hashes {
  /** Of the flow in the data folder. */
  own: string;
  /** Of the one that the pack brings. */
  bundled: string;
  /** Of all that the pack ever brought under this name. */
  released: readonly string[];
}

/**
 * What was recorded decides: who puts an older flow back, after a newer one took its place, has chosen it. Without a record, as before
 * there were any, a flow that was released once is taken for an untouched copy.
 */
export function standingOf({ own, bundled, released }: Hashes, record: FlowRecord | null): FlowStanding {
  if (own === bundled) return 'current';
  if (record !== null && record.hash !== own) return 'changed';
  if (released.includes(own)) return 'older';
  return record === null ? 'changed' : 'newer';
}
