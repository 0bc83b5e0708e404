import type { Queryable, Row } from '../../database/database.js';
import type { StepName } from '../../updates/install/installation.js';
import type { JobStep } from '../definition/definition.js';
import type { Doing, Execution } from '../execution.js';

/** What the step of each of these has sent last, by the keys that executionKey makes. */
const SENT = `
  select one.clientid, command.state as command, command.execution as key, installation.step as installing
  from unnest($2::text[], $3::integer[], $4::integer[]) as one (clientid, attempt, step)
  left join lateral (
    select sent.state, sent.execution from tpe_command sent where sent.clientid = one.clientid and sent.execution is not null
      and starts_with(sent.execution, $1 || '/' || one.attempt || '/' || one.step || '/') order by sent.request_id desc limit 1) command on true
  left join lateral (
    select sent.step from tpe_installation sent where sent.clientid = one.clientid and sent.execution is not null
      and starts_with(sent.execution, $1 || '/' || one.attempt || '/' || one.step || '/') order by sent.id desc limit 1) installation on true`;

interface SentRow extends Row {
  clientid: string;
  command: string | null;
  key: string | null;
  installing: StepName | null;
}

/** Adds to those of a job that are under way what each of them does now. */
export async function withDoing(
  database: Queryable,
  job: { id: string; steps: readonly JobStep[] },
  executions: readonly Execution[],
): Promise<Execution[]> {
  const open = executions.filter(({ state }) => state === 'IN_PROGRESS');
  if (open.length === 0) return [...executions];
  const rows = await database.query<SentRow>(SENT, [
    job.id,
    open.map(({ clientid }) => clientid),
    open.map(({ attempts }) => attempts),
    open.map(({ step }) => step),
  ]);
  const sent = new Map(rows.map((row) => [row.clientid, row]));
  return executions.map((one) => {
    const row = sent.get(one.clientid);
    const step = job.steps[one.step];
    return row === undefined || step === undefined ? one : { ...one, doing: doingOf(step, row) };
  });
}

function doingOf(step: JobStep, { command, key, installing }: SentRow): Doing | null {
  if (step.kind === 'install') return installing === null ? null : { kind: 'install', step: installing };
  if (command === 'QUEUED') return { kind: 'turn', step: null };
  if (command === 'SENT') return { kind: 'answer', step: null };
  if (step.kind === 'waitOnline') return { kind: 'well', step: null };
  if (command === null) return null;
  // What was read, to prove it or until it holds, is read again after a pause.
  const isSend = key?.split('/')[3]?.startsWith('send') ?? false;
  return { kind: isSend ? 'well' : 'read', step: null };
}
