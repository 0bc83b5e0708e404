import type { TimelineEntry } from '../../../manager/timeline/timeline.js';

/** Entries of a list that are shown as one line. */
export interface Folded {
  /** The newest of them. */
  entry: TimelineEntry;
  times: number;
  /** When the first of them was, ISO 8601 UTC. */
  from: string;
}

/** The same command again and again is one line, so that what a flow asks each minute does not hide the rest. `entries`: newest first. */
export function foldSame(entries: readonly TimelineEntry[]): Folded[] {
  const folded: Folded[] = [];
  for (const entry of entries) {
    const last = folded.at(-1);
    if (last !== undefined && isSame(last.entry, entry)) {
      last.times += 1;
      last.from = entry.at;
    } else folded.push({ entry, times: 1, from: entry.at });
  }
  return folded;
}

function isSame(one: TimelineEntry, other: TimelineEntry): boolean {
  if (one.kind !== 'command' || other.kind !== 'command') return false;
  const parts = ({ state, what, who, job, reason }: TimelineEntry) =>
    JSON.stringify([state, what, who, job, reason]);
  return parts(one) === parts(other);
}
