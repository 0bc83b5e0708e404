import { type Deed, entryOf, recorded } from '../manager/audit/audited.js';
import type { DeviceManager } from '../manager/device-manager.js';
import { breathe } from '../manager/shared/breathe.js';
import { mayAct, type Role } from '../manager/shared/role.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { type Asker, doerOf, withToken } from './caller.js';
import type { Ask, CatalogueAsk, KnownBefore } from './procedure.js';

/**
 * Does what was asked for, by whichever face it came: the role first, then the size, then the work, which is written to the audit
 * where it does something. `manager` rejects while there is none. Rejects with TpeError: FORBIDDEN for who may not, else what the
 * procedure's own words are.
 */
export async function runProcedure<Input, Answer>(
  ask: Ask<Input, Answer>,
  input: Input,
  asker: Asker,
  manager: () => Promise<DeviceManager>,
): Promise<Answer> {
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
  return deed ? await recorded(open.audit, doerOf(asker), withToken(asker, deed), work) : await work();
}

/** The same for what needs only the catalogue, where no manager is open: there is nothing that could be written down. */
export async function runBeforeOpen<Input, Answer>(
  ask: CatalogueAsk<Input, Answer>,
  input: Input,
  asker: Asker,
  known: KnownBefore,
): Promise<Answer> {
  if (!isLetIn(asker, ask.role)) throw refusalFor(asker, ask.role);
  ask.refuseTooLarge?.(input);
  await breathe();
  return await ask.answer(known, input);
}

async function refuse<Input, Answer>(
  ask: Ask<Input, Answer>,
  input: Input,
  asker: Asker,
  role: Role | null,
  open: DeviceManager | null,
): Promise<never> {
  const refusal = refusalFor(asker, role);
  const deed: Deed | null | undefined = open && ask.deed?.(input, open);
  if (open && deed)
    await open.audit.record(entryOf(doerOf(asker), withToken(asker, deed), 'refused', refusal.message));
  throw refusal;
}

/** Null takes no role: whoever is there may. */
export function isLetIn({ role }: Asker, needed: Role | null): boolean {
  return needed === null || mayAct(role, needed);
}

/** What somebody hears who may not. */
export function refusalFor({ role }: Asker, needed: Role | null): TpeError {
  if (role === null) return nobodyLooks();
  return new TpeError('FORBIDDEN', `This needs the role ${needed}; yours is ${role}.`);
}

/** What somebody hears who may not even look. */
function nobodyLooks(): TpeError {
  return new TpeError('FORBIDDEN', 'Sign-in required: access is set in the node tpe-server.');
}
