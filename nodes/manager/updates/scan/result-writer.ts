import { createHash } from 'node:crypto';
import type { Database } from '../../database/database.js';
import { FOREIGN_KEY_VIOLATION, sqlstateOf } from '../../database/sqlstate.js';
import type { SoftwarePackage } from '../software-package.js';
import type { DeviceUpdate } from './updates.js';

const SAVE_PLANS = `
  insert into tpe_update_plan (hash, path, candidates)
  select * from unnest($1::text[], $2::jsonb[], $3::jsonb[])
  on conflict do nothing`;

const SAVE = `
  with given as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[])
      as given (clientid, model_name, firmware_version, tpe_version, plan, has_update, package)
  ), tpedm as (
    update clientid_profile profile set new_scaned_package = given.package from given
    where profile.clientid = given.clientid and profile.new_scaned_package is distinct from given.package
  )
  insert into tpe_update as before (clientid, scanned_at, model_name, firmware_version, tpe_version, plan, has_update,
    update_since)
  select given.clientid, now(), given.model_name, given.firmware_version, given.tpe_version, given.plan, given.has_update,
    case when given.has_update then now() end
  from given join clientid_profile using (clientid)
  on conflict (clientid) do update set scanned_at = excluded.scanned_at, model_name = excluded.model_name,
    firmware_version = excluded.firmware_version, tpe_version = excluded.tpe_version, plan = excluded.plan,
    has_update = excluded.has_update,
    update_since = case when before.has_update then coalesce(before.update_since, excluded.update_since) else excluded.update_since end`;

/** Writes what a scan finds. */
export interface ResultWriter {
  /** Saves the results of many gateways at once; those that were retired meanwhile are left out. */
  save(updates: readonly DeviceUpdate[]): Promise<void>;
  /** To be called when plans without a gateway were, or may have been, forgotten. */
  plansAreGone(): void;
}

/** Creates the writer. */
export function createResultWriter(database: Pick<Database, 'query'>): ResultWriter {
  /** Gateways with the same plan share its lists, so each list is hashed only once. */
  const hashes = new WeakMap<object, string>();
  /** The plans that the present scan has saved: its gateways share a few, whose lists are long. */
  let saved = new Set<string>();
  const hashOf = ({ path, candidates }: DeviceUpdate): string => {
    const known =
      hashes.get(candidates) ??
      createHash('sha256')
        // Without the causes, which say the same as the texts, and which plans from before do not have.
        .update(JSON.stringify([path, candidates.map(({ cause: _cause, ...candidate }) => candidate)]))
        .digest('hex');
    hashes.set(candidates, known);
    return known;
  };
  const savePlans = async (updates: readonly DeviceUpdate[]): Promise<void> => {
    const known = saved;
    const plans = new Map(
      updates.map((update) => [hashOf(update), update] as const).filter(([hash]) => !known.has(hash)),
    );
    if (plans.size === 0) return;
    await database.query(SAVE_PLANS, [
      [...plans.keys()],
      [...plans.values()].map(({ path }) => JSON.stringify(path)),
      [...plans.values()].map(({ candidates }) => JSON.stringify(candidates)),
    ]);
    for (const hash of plans.keys()) known.add(hash);
  };
  const save = async (updates: readonly DeviceUpdate[]): Promise<void> => {
    await savePlans(updates);
    await database.query(SAVE, [
      updates.map(({ clientid }) => clientid),
      updates.map(({ modelName }) => modelName),
      updates.map(({ firmwareVersion }) => firmwareVersion),
      updates.map(({ tpeVersion }) => tpeVersion),
      updates.map(hashOf),
      updates.map(({ path }) => path.length > 0),
      updates.map(({ recommended }) => (recommended === null ? null : tpedmPackage(recommended))),
    ]);
  };

  return {
    save: (updates) =>
      save(updates).catch((error) => {
        if (sqlstateOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
        // A manager whose scan was given up has forgotten plans that no gateway had yet.
        saved = new Set();
        return save(updates);
      }),
    plansAreGone() {
      saved = new Set();
    },
  };
}

/** Returns a package in the form in which TPEDM's pages read the result of a scan. */
function tpedmPackage({
  category,
  packageName,
  version,
  displayName,
  size,
  yamlUrl,
}: SoftwarePackage): string {
  return JSON.stringify({ category, packageName, version, displayName, size, yamlUrl });
}
