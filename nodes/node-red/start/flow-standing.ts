import type { FlowRecord } from './flow-record.js';

/** How the flow in the data folder compares with the bundled flow of this pack. */
export type FlowStanding =
  /** It is the bundled flow of this pack. */
  | 'current'
  /** It is an unchanged bundled flow of an earlier pack. */
  | 'older'
  /** It is an unchanged bundled flow of a later pack. */
  | 'newer'
  /** A person has changed or chosen it. */
  | 'changed';

interface Hashes {
  /** Hash of the flow in the data folder. */
  own: string;
  /** Hash of the bundled flow of this pack. */
  bundled: string;
  /** Hashes of all bundled flows of this name that were ever released. */
  released: readonly string[];
}

/**
 * Compares the hashes with the record of the last copied flow. If a person puts an older flow back, the record does not match, and the flow
 * counts as chosen. Without a record, as in old data folders, a released flow counts as an unchanged copy.
 */
export function standingOf({ own, bundled, released }: Hashes, record: FlowRecord | null): FlowStanding {
  if (own === bundled) return 'current';
  if (record !== null && record.hash !== own) return 'changed';
  if (released.includes(own)) return 'older';
  return record === null ? 'changed' : 'newer';
}
