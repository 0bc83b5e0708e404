import { type Doer, entryOf, recorded } from '../../manager/audit/audited.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { breathe } from '../../manager/shared/breathe.js';
import { mayAct, type Role } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import type { Asker } from './caller.js';
import type { Ask } from './procedure.js';

/** What an ask is answered with, for who may ask it; who may not is refused, and the audit has it. */
export async function answerAsk(
  manager: () => Promise<DeviceManager>,
  ask: Ask<unknown, unknown>,
  input: unknown,
  asker: Asker,
): Promise<unknown> {
  if (!isLetIn(asker, ask.role)) {
    // Who is refused hears that, also where no manager is open to write it down.
    const open = await manager().catch(() => null);
    return await refuse(ask, input, asker, ask.role, open);
  }
  ask.refuseTooLarge?.(input);
  const open = await manager();
  const role = ask.roleFor?.(open, input) ?? ask.role;
  if (!isLetIn(asker, role)) return await refuse(ask, input, asker, role, open);
  // Each looks through what was given by itself, and that may be large.
  await breathe();
  const deed = ask.deed?.(input, open);
  await breathe();
  const work = () => ask.answer(open, input, asker);
  return deed === undefined ? await work() : await recorded(open.audit, doerOf(asker), deed, work);
}

async function refuse(
  ask: Ask<unknown, unknown>,
  input: unknown,
  asker: Asker,
  role: Role | null,
  open: DeviceManager | null,
): Promise<never> {
  const refusal = refusalFor(asker, role);
  const deed = open && ask.deed?.(input, open);
  if (open && deed) await open.audit.record(entryOf(doerOf(asker), deed, 'refused', refusal.message));
  throw refusal;
}

/** What somebody hears who may not even look. */
export function nobodyLooks(): TpeError {
  return new TpeError(
    'FORBIDDEN',
    'Nobody may look here without signing in: the node tpe-server says who may.',
  );
}

/** Null takes no role: whoever is there may. */
export function isLetIn({ role }: Asker, needed: Role | null): boolean {
  return needed === null || mayAct(role, needed);
}

export function refusalFor({ role }: Asker, needed: Role | null): TpeError {
  if (role === null) return nobodyLooks();
  return new TpeError('FORBIDDEN', `This takes the role ${needed}; yours is ${role}.`);
}

function doerOf({ id, name, role, address }: Asker): Doer {
  return { who: name, accountId: id, role, address };
}
