import type { Database, Row } from '../../database/database.js';
import type { InstallationOverview, InstallationState } from './installation.js';
import { INSTALLATION_COLUMNS, type InstallationRow, toInstallation } from './installation-row.js';

const DAYS = 7;
/** Each one that has failed is looked up by itself, so that not all of a large fleet are. */
const MAX_COUNTED = 1000;
const MAX_FAILURES = 50;

const COUNTS = `
  select state, count(*)::integer as count from tpe_installation where state in ('QUEUED', 'IN_PROGRESS') group by state
  union all
  select state, count(*)::integer from tpe_installation
  where ended_at is not null and ended_at > now() - make_interval(days => ${DAYS}) group by state`;

/** What has been tried again since, whatever came of it, is no failure that somebody has to look at. Subqueries, as joins would read whole tables. */
const FAILURES = (columns: string, limit: number) => `
  select ${columns} from tpe_installation installation
  where installation.state in ('FAILED', 'TIMED_OUT', 'REJECTED')
    and installation.ended_at > now() - make_interval(days => ${DAYS})
    and (select max(later.id) from tpe_installation later where later.clientid = installation.clientid) = installation.id
    and (select true from clientid_profile profile where profile.clientid = installation.clientid)
  order by installation.id desc limit ${limit}`;

interface CountRow extends Row {
  state: InstallationState;
  count: number;
}

/** Reads how installations stand. */
export async function installationOverview(database: Database): Promise<InstallationOverview> {
  const counts = await database.query<CountRow>(COUNTS);
  const failures = await database.query<InstallationRow>(FAILURES(INSTALLATION_COLUMNS, MAX_FAILURES));
  const of = (...states: InstallationState[]) =>
    counts.reduce((sum, { state, count }) => sum + (states.includes(state) ? count : 0), 0);
  return {
    days: DAYS,
    waiting: of('QUEUED'),
    inProgress: of('IN_PROGRESS'),
    done: of('SUCCEEDED', 'ALREADY_INSTALLED'),
    canceled: of('CANCELED'),
    failed: failures.length < MAX_FAILURES ? failures.length : await countOf(database),
    failures: failures.map(toInstallation),
  };
}

async function countOf(database: Database): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::integer as count from (${FAILURES('installation.id', MAX_COUNTED + 1)}) failed`,
  );
  return row?.count ?? 0;
}
