import type { Database } from '../../database/database.js';
import { askedByJobSql, doorOf, isSystemSql, JOBS_BEGIN, JOBS_END } from '../asked-by.js';
import type { CommandQuery } from '../command.js';

/** So many names are looked up one by one. */
export const MAX_NAMES = 500;
/** So many different names are looked through for those that match. */
const MAX_READ = 5000;

const OTHERS = `not ${isSystemSql('command.requested_by')}`;
const NAME = 'command.requested_by collate "C"';

/** The names of all who asked, each once, by jumps along the index. Jobs have a name each, and are found in their own table. */
const NAMES = `
  with recursive name (name, n) as (
    (select ${NAME}, 1 from tpe_command command where ${OTHERS} order by ${NAME} limit 1)
    union all
    select (select ${NAME} from tpe_command command where ${OTHERS}
        and ${NAME} > case when starts_with(name.name, '${JOBS_BEGIN}') then '${JOBS_END}' else name.name end
      order by ${NAME} limit 1), n + 1
    from name where name.name is not null and n < ${MAX_READ})
  select name from name where name is not null`;

/** The jobs with a text in their name, or in that of who began them. */
const JOBS = `
  select ${askedByJobSql('job')} as name from tpe_job job
  where strpos(lower(${askedByJobSql('job')} || ' ' || job.requested_by), lower($1::text)) > 0
  order by job.id desc limit ${MAX_NAMES + 1}`;

/**
 * The names in the history that a query means: those with the text of `who` in them, in any case, and of the door. What somebody did by a
 * job is found by the person, too. Null if the query does not ask for it.
 */
export async function namesOfAskers(
  database: Database,
  { who = '', door }: CommandQuery,
): Promise<string[] | null> {
  const wanted = who.trim().toLowerCase();
  const isByName = door !== undefined && ['dashboard', 'editor', 'rest', 'flow'].includes(door);
  // The device manager has no name that anybody could look for.
  if (door === 'system' || (wanted === '' && !isByName)) return null;
  const read = door === 'job' ? [] : await database.query<{ name: string }>(NAMES);
  const jobs = isByName ? [] : await database.query<{ name: string }>(JOBS, [wanted]);
  const others = read.filter(({ name }) => {
    if (!name.toLowerCase().includes(wanted)) return false;
    return !isByName || doorOf({ requestedBy: name, job: null }) === door;
  });
  return [...new Set([...others, ...jobs].map(({ name }) => name))];
}
