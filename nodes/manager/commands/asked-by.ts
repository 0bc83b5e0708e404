/**
 * By which door a command came. What asked for it stands in its record as `requestedBy`, which begins with the door; this file alone says
 * how. `system` is the device manager itself: profiles that it reads at a connect, probes, readings for alarms, the steps of installations.
 */
export const DOORS = ['dashboard', 'editor', 'rest', 'flow', 'job', 'system'] as const;
export type Door = (typeof DOORS)[number];

/** The doors that a list can be narrowed to; `people` is all of them but the system's own. */
export const DOOR_CHOICES = ['people', ...DOORS] as const;
export type DoorChoice = (typeof DOOR_CHOICES)[number];

/** How `requestedBy` begins where the device manager asks by itself. */
const SYSTEM = 'tpedm: ';
const BEGINNINGS = { dashboard: 'dashboard: ', editor: 'editor: ', rest: 'REST: ' } as const;
/** The whole installation's token has no name. */
const API_TOKEN = 'REST';

/** `requestedBy` of a command that the device manager sends by itself, for `what`. */
export function askedBySystem(what: string): string {
  return SYSTEM + what;
}

/** All names of jobs lie between these two, by their bytes. */
export const JOBS_BEGIN = 'job ';
export const JOBS_END = 'job!';

/** `requestedBy` of a command that a job sends. */
export function askedByJob({ id, name }: { id: string; name: string }): string {
  return `${JOBS_BEGIN}${id}: ${name}`;
}

/** SQL of the same, of the columns of tpe_job. */
export const askedByJobSql = (job: string) =>
  `left('${JOBS_BEGIN}' || ${job}.id || ': ' || ${job}.name, 200)`;

/** SQL of whether the device manager asked by itself. Indexes have it in these very words. */
export const isSystemSql = (requestedBy: string) => `starts_with(${requestedBy}, '${SYSTEM}')`;

/** A name that a message gives for itself, so that it cannot pass for the device manager. */
export function asAskedByOthers(name: string, node: string): string {
  return name.startsWith(SYSTEM) ? `${node}: ${name}` : name;
}

/** The door of a command. */
export function doorOf({ requestedBy, job }: { requestedBy: string; job: string | null }): Door {
  if (requestedBy.startsWith(SYSTEM)) return 'system';
  if (job !== null) return 'job';
  if (requestedBy === API_TOKEN) return 'rest';
  for (const [door, beginning] of Object.entries(BEGINNINGS)) {
    if (requestedBy.startsWith(beginning)) return door as keyof typeof BEGINNINGS;
  }
  return 'flow';
}
