import { type AuditAction, auditEntry, audited } from '../manager/audit/audited.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { mayAct, missingRole, type Role } from '../manager/shared/role.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { yieldToEventLoop } from '../manager/shared/yield-to-event-loop.js';
import { actorOf, type Caller, withToken } from './caller.js';
import type { CatalogueProcedure, KnownBefore, Procedure } from './procedure.js';

/**
 * Does what was asked for, by whichever face it came: the role first, then the size, then the work, which is written to the audit
 * where it does something. `manager` rejects while there is none. Rejects with TpeError: FORBIDDEN for who may not, else what the
 * procedure's own words are.
 */
export async function runProcedure<Input, Answer>(
  procedure: Procedure<Input, Answer>,
  input: Input,
  caller: Caller,
  manager: () => Promise<DeviceManager>,
): Promise<Answer> {
  if (!isAllowed(caller, procedure.role)) {
    // The refusal is sent even if no manager is open to record it.
    const open = await manager().catch(() => null);
    return await refuse(procedure, input, caller, procedure.role, open);
  }
  procedure.refuseTooLarge?.(input);
  const open = await manager();
  const role = procedure.roleFor?.(open, input) ?? procedure.role;
  if (!isAllowed(caller, role)) return await refuse(procedure, input, caller, role, open);
  // Each of these steps goes through the whole input, which may be large.
  await yieldToEventLoop();
  const action = procedure.audit?.(input, open);
  await yieldToEventLoop();
  const work = () => procedure.handler(open, input, caller);
  return action
    ? await audited(open.audit, actorOf(caller), withToken(caller.token, action), work)
    : await work();
}

/** The same for what needs only the catalogue, where no manager is open: there is nothing that could be written down. */
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
  const action: AuditAction | null | undefined = open && procedure.audit?.(input, open);
  if (open && action)
    await open.audit.record(
      auditEntry(actorOf(caller), withToken(caller.token, action), 'refused', refusal.message),
    );
  throw refusal;
}

/** `needed` null: no role is required. */
export function isAllowed({ role }: Caller, needed: Role | null): boolean {
  return needed === null || mayAct(role, needed);
}

/** What somebody hears who may not. */
export function refusalFor({ role }: Caller, needed: Role | null): TpeError {
  const message =
    role === null || needed === null
      ? 'Sign-in required: access is set in the node tpe-server.'
      : missingRole(role, needed);
  return new TpeError('FORBIDDEN', message);
}
