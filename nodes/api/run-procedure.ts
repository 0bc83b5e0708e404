import { type AuditAction, auditEntry, audited } from '../manager/audit/audited.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { mayAct, missingRole, type Role } from '../manager/shared/role.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { yieldToEventLoop } from '../manager/shared/yield-to-event-loop.js';
import { callReason } from './call-reasons.js';
import { actorOf, type Caller, withToken } from './caller.js';
import type { CatalogueProcedure, KnownBefore, Procedure } from './procedure.js';

/**
 * Runs a procedure for a caller from a browser, the editor or REST. Checks the role, then the size, then does the work and writes it to
 * the audit unless it only reads. `manager` rejects while no manager is open. Rejects with FORBIDDEN if the role of the caller does not
 * suffice, else with the errors of `manager` and of the procedure.
 */
export async function runProcedure<Input, Answer>(
  procedure: Procedure<Input, Answer>,
  input: Input,
  caller: Caller,
  manager: () => Promise<DeviceManager>,
): Promise<Answer> {
  if (!isAllowed(caller, procedure.role)) {
    // The caller is refused even if no manager is open to record the refusal.
    const open = await manager().catch(() => null);
    return await refuse(procedure, input, caller, procedure.role, open);
  }
  procedure.refuseTooLarge?.(input);
  const open = await manager();
  const role = (await procedure.roleFor?.(open, input)) ?? procedure.role;
  if (!isAllowed(caller, role)) return await refuse(procedure, input, caller, role, open);
  // Each of these steps walks through the whole input, which may be large.
  await yieldToEventLoop();
  const action = await procedure.audit?.(input, open);
  await yieldToEventLoop();
  const work = () => procedure.handler(open, input, caller);
  if (!action) return await work();
  const done = procedure.auditDone;
  return await audited(open.audit, actorOf(caller), withToken(caller.token, action), work, done);
}

/**
 * Runs a procedure that needs only the catalogue while no manager is open, so without an audit entry. Rejects with FORBIDDEN, or with
 * the errors of the procedure.
 */
export async function runBeforeOpen<Input, Answer>(
  procedure: CatalogueProcedure<Input, Answer>,
  input: Input,
  caller: Caller,
  known: KnownBefore,
): Promise<Answer> {
  if (!isAllowed(caller, procedure.role)) throw refusalFor(caller, procedure.role);
  procedure.refuseTooLarge?.(input);
  await yieldToEventLoop();
  return await procedure.handler(known, input);
}

async function refuse<Input, Answer>(
  procedure: Procedure<Input, Answer>,
  input: Input,
  caller: Caller,
  role: Role | null,
  open: DeviceManager | null,
): Promise<never> {
  const refusal = refusalFor(caller, role);
  const action: AuditAction | null | undefined = open && (await procedure.audit?.(input, open));
  if (open && action)
    await open.audit.record(
      auditEntry(actorOf(caller), withToken(caller.token, action), 'refused', refusal.reason),
    );
  throw refusal;
}

/** Whether the caller has the needed role. Null means that no role is needed. */
export function isAllowed({ role }: Caller, needed: Role | null): boolean {
  return needed === null || mayAct(role, needed);
}

/** Creates the error FORBIDDEN for a caller who lacks the needed role. */
export function refusalFor({ role }: Caller, needed: Role | null): TpeError {
  const reason =
    role === null || needed === null ? callReason('sign-in-required') : missingRole(role, needed);
  return new TpeError('FORBIDDEN', reason);
}
