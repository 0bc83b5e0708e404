import type { JobNews, JobState } from '../job.js';
import { type JobRow, toJob } from '../store/job-row.js';

/** Tells who shows jobs what has changed. */
export interface News {
  /** A job was changed here. A change of state is told at once, counts some times a second. */
  changed(row: JobRow): void;
  /** The same of what another manager changed; it is not told on. */
  changedElsewhere(row: JobRow): void;
  /** The jobs that were open when they were last told of. */
  open(): string[];
  /** Tells of those that are no longer as they were told: a message of another manager was lost. */
  compare(rows: readonly JobRow[]): void;
  close(): void;
}

export interface NewsOptions {
  /** The least time between two news of the counts of a job, ms. */
  everyMs: number;
  onChange(news: JobNews): void;
  /** Tells the other managers. */
  broadcast(id: string): void;
}

/** In these nobody else changes it by itself. */
const OVER: ReadonlySet<JobState> = new Set<JobState>(['DRAFT', 'COMPLETED', 'CANCELED']);

interface Told {
  row: JobRow;
  isOwn: boolean;
  timer: NodeJS.Timeout | null;
  state: string;
}

export function createNews({ everyMs, onChange, broadcast }: NewsOptions): News {
  /** The jobs that were told of within the last moment. */
  const recent = new Map<string, Told>();
  /** Those that were open when they were last told of, each with the time of its last change. */
  const open = new Map<string, number>();

  function tell(row: JobRow, isOwn: boolean): void {
    if (OVER.has(row.state)) open.delete(row.id);
    else open.set(row.id, row.updated_at.getTime());
    onChange({ job: toJob(row) });
    if (isOwn) broadcast(row.id);
  }

  function rest(row: JobRow): void {
    const timer = setTimeout(() => {
      const told = recent.get(row.id);
      recent.delete(row.id);
      if (told === undefined || told.row === row) return;
      tell(told.row, told.isOwn);
      rest(told.row);
    }, everyMs);
    timer.unref();
    recent.set(row.id, { row, isOwn: false, timer, state: `${row.state} ${row.version}` });
  }

  function note(row: JobRow, isOwn: boolean): void {
    const told = recent.get(row.id);
    if (told === undefined || told.state !== `${row.state} ${row.version}`) {
      if (told?.timer) clearTimeout(told.timer);
      tell(row, isOwn || told?.isOwn === true);
      rest(row);
      return;
    }
    told.row = row;
    told.isOwn ||= isOwn;
  }

  return {
    changed: (row) => note(row, true),
    changedElsewhere: (row) => note(row, false),
    open: () => [...open.keys()],
    compare(rows) {
      const found = new Map(rows.map((row) => [row.id, row]));
      for (const [id, toldOf] of open) {
        const row = found.get(id);
        if (row === undefined) open.delete(id);
        else if (row.updated_at.getTime() !== toldOf) note(row, false);
      }
    },
    close() {
      for (const { timer } of recent.values()) if (timer) clearTimeout(timer);
      recent.clear();
    },
  };
}
