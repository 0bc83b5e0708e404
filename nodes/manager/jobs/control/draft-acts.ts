import type { FromSchema } from 'json-schema-to-ts';
import type { Database } from '../../database/database.js';
import { badField } from '../../shared/invalid-input.js';
import { isStorable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { isPlainObject, parser } from '../../shared/validate.js';
import { JOB_DEFINITION, type JobPace } from '../definition/definition.js';
import type { JobState, Jobs } from '../job.js';
import { jobReason } from '../job-reasons.js';
import type { JobPlanner } from '../planner.js';
import { insertDraft, readValues, replaceDraft } from '../store/drafts.js';
import { JOB_COLUMNS, type JobRow, toJob } from '../store/job-row.js';
import { readDefinition } from '../store/job-targets.js';
import { readJob } from '../store/lists.js';
import { checkVersion, lockFor, notFound, notNow } from './lock-for.js';

export type DraftActs = Pick<Jobs, 'create' | 'change' | 'remove'>;

export interface DraftActOptions {
  database: Database;
  planner: JobPlanner;
  onChanged(row: JobRow): void;
}

const { name, note, rollout } = JOB_DEFINITION.properties;
/** What can be changed of a job that was submitted. */
const OPEN_CHANGE = {
  type: 'object',
  properties: { name, note, rollout },
  additionalProperties: false,
} as const;
type OpenChange = FromSchema<typeof OPEN_CHANGE>;
const parseOpenChange = parser<OpenChange>(OPEN_CHANGE, 'change');

const OPEN: readonly JobState[] = ['CREATING', 'RUNNING', 'PAUSED', 'CANCELING'];

const CHANGE_OPEN = `
  update tpe_job job set name = $2, note = $3, definition = $4::jsonb, pace = $5::jsonb, version = job.version + 1, updated_at = now()
  where job.id = $1::bigint returning ${JOB_COLUMNS}`;

const MAX_KEY = 200;

/** Creates what is done with drafts, and with the words and the pace of open jobs. */
export function createDraftActs({ database, planner, onChanged }: DraftActOptions): DraftActs {
  async function changeDraft(row: JobRow, change: Record<string, unknown>) {
    const perTarget = change.perTarget === undefined ? await readValues(database, row.value_set) : undefined;
    // Its client ids may be very many, and are not needed where others come in their place.
    const definition = change.targets === undefined ? await readDefinition(database, row) : row.definition;
    const given = { ...definition, ...(perTarget !== undefined && { perTarget }), ...change };
    const changed = await replaceDraft(database, row.id, row.version, await planner.parse(given));
    if (changed === null) throw await conflict(row.id);
    return changed;
  }

  async function conflict(id: string): Promise<TpeError> {
    const row = await readJob(database, id);
    return row === null ? notFound(id) : notNow(row);
  }

  function changeOpen(id: string, given: Record<string, unknown>, version: number) {
    const other = Object.keys(given).find((key) => !(key in OPEN_CHANGE.properties));
    if (other !== undefined)
      throw new TpeError('CONFLICT', jobReason('job-not-changeable'), { field: other });
    const change = parseOpenChange(given);
    return database.transaction(async (transaction) => {
      const row = await lockFor(transaction, id, { by: '', version }, OPEN);
      const pace = slower(row, change.rollout ?? {});
      const rollout = { ...row.definition.rollout, ...change.rollout };
      const definition = { ...row.definition, ...change, ...(change.rollout !== undefined && { rollout }) };
      const parameters = [
        id,
        definition.name,
        definition.note ?? '',
        JSON.stringify(definition),
        JSON.stringify(pace),
      ];
      return (await transaction.query<JobRow>(CHANGE_OPEN, parameters))[0]!;
    });
  }

  return {
    async create(definition, act) {
      const key = act.idempotencyKey;
      if (key !== undefined && (key === '' || key.length > MAX_KEY || !isStorable(key)))
        throw badField('idempotencyKey', `a text of 1 to ${MAX_KEY} characters`);
      const row = await insertDraft(database, await planner.parse(definition), act);
      onChanged(row);
      return toJob(row);
    },
    async change(id, change, act) {
      if (!isPlainObject(change)) throw badField('change', 'an object');
      const row = await readJob(database, id);
      if (row === null) throw notFound(id);
      checkVersion(row, act.version);
      if (row.state !== 'DRAFT' && !OPEN.includes(row.state)) throw notNow(row);
      const isDraft = row.state === 'DRAFT';
      const changed = isDraft ? await changeDraft(row, change) : await changeOpen(id, change, row.version);
      onChanged(changed);
      return toJob(changed);
    },
    async remove(id, act) {
      const row = await database.transaction(async (transaction) => {
        const draft = await lockFor(transaction, id, act, ['DRAFT']);
        await transaction.query('delete from tpe_job where id = $1::bigint', [id]);
        return draft;
      });
      onChanged(row);
    },
  };
}

/** The pace with a change that makes it no quicker than it was submitted. Throws CONFLICT. */
function slower(row: JobRow, change: NonNullable<OpenChange['rollout']>): JobPace {
  const most = row.submitted_pace ?? row.pace;
  const limits = {
    maxPerMinute: most.maxPerMinute,
    maxInProgress: most.maxInProgress,
    perSite: most.perSite,
  };
  for (const [field, limit] of Object.entries(limits)) {
    const asked = change[field as keyof typeof limits];
    if (asked !== undefined && limit !== null && asked > limit) {
      const reason = jobReason('job-pace-quicker', { field: `rollout.${field}`, most: limit });
      throw new TpeError('CONFLICT', reason, { field: `rollout.${field}` });
    }
  }
  if (change.outsideWindows === true && !most.outsideWindows)
    throw new TpeError('CONFLICT', jobReason('job-windows-kept'), { field: 'rollout.outsideWindows' });
  return { ...row.pace, ...change };
}
