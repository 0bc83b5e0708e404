import type { Reason } from '../shared/reason.js';
import type { HoldOwner, OwnerKind } from './guard.js';
import { guardReason } from './guard-reasons.js';

/**
 * SQL by kind of owner: what became of the owner with the id `hold.owner_id`. `open`: it works, or will. `never-sent`: it ended
 * before anything reached the gateway. `unknown`: it ended otherwise. Null: there is none. A kind without one is always open.
 */
export type OwnerStandings = Readonly<Partial<Record<OwnerKind, string>>>;

/** An id of another kind of text finds nobody, and fails no statement. */
export const OWNER_NUMBER = "case when hold.owner_id ~ '^[0-9]{1,18}$' then hold.owner_id::bigint end";

/** Those of the tables that there are. */
export const KNOWN_OWNERS: OwnerStandings = {
  command: `(select case command.state when 'SENT' then 'open' when 'QUEUED' then 'never-sent' else case when command.sent_at is null then 'never-sent'
      else 'unknown' end end from tpe_command command where command.request_id = ${OWNER_NUMBER})`,
  installation: `(select case when installation.state in ('QUEUED', 'IN_PROGRESS') then 'open'
      when installation.started_at is null then 'never-sent' else 'unknown' end
    from tpe_installation installation where installation.id = ${OWNER_NUMBER})`,
};

/** SQL of what became of the owner of `hold`; `missing` if there is none. */
export function standingOf(owners: OwnerStandings): string {
  const cases = Object.entries(owners).map(
    ([kind, sql]) => `when '${kind}' then coalesce(${sql}, 'missing')`,
  );
  return `case hold.owner_kind ${cases.join(' ')} else 'open' end`;
}

/** As a person reads it: `command 4711`. */
export function ownerInWords({ kind, id }: HoldOwner): Reason {
  if (kind === 'command') return guardReason('guard-owner-command', { id });
  if (kind === 'installation') return guardReason('guard-owner-installation', { id });
  // The id also names gateway and attempt, which nobody asks for who reads of a job.
  if (kind === 'execution') return guardReason('guard-owner-execution', { id: id.replace(/\/.*/s, '') });
  return guardReason('guard-owner-flow', { id });
}
