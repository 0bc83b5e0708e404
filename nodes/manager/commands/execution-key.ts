/** A part of a job on one gateway: what one of its steps sends. */
export interface ExecutionPart {
  /** The id of the job. */
  job: string;
  /** The number of the attempt, from 1. */
  attempt: number;
  /** The index of the step. */
  step: number;
  /** What of the step it is, such as `send`. */
  part: string;
}

/** The text that names a part in the record of a command or an installation: `42/1/0/send`. */
export function executionKey({ job, attempt, step, part }: ExecutionPart): string {
  return `${job}/${attempt}/${step}/${part}`;
}

/** The beginning of the keys of all that an attempt sends. */
export function attemptPrefix({ job, attempt }: Pick<ExecutionPart, 'job' | 'attempt'>): string {
  return `${job}/${attempt}/`;
}

/** Names a request of an installation that belongs to a job. It is part of none of its attempts: what an attempt has is the installation. */
export function installationKey(job: string, installation: string, part: string): string {
  return `${job}//${installation}/${part}`;
}

/** The id of the job that a part belongs to; null: it is part of none. */
export function jobOf(execution: string | null): string | null {
  return execution?.split('/', 1)[0] ?? null;
}

/** SQL of the same: text, null for none. `execution` is SQL of the key. */
export const jobOfSql = (execution: string) => `nullif(split_part(${execution}, '/', 1), '')`;
