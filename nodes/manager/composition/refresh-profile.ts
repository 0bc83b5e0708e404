import type { CommandRecord, Commands } from '../commands/command.js';
import { isSuccess } from '../protocol/answer.js';
import type { Device } from '../registry/device.js';
import { notFound } from '../registry/get-device.js';
import { parseProfile } from '../registry/profile.js';
import type { DeviceProfile, Registry } from '../registry/registry.js';
import { TpeError } from '../shared/tpe-error.js';
import { profileReason } from './profile-reasons.js';

/** The request for a gateway's profile. */
const PROFILE_REQUEST = { method: 'GET', path: '/device/general' };

/** An answer, and the command that it answers; null if no manager sent that command. */
export interface ProfileAnswer {
  answer: { status: number; payload: unknown };
  command: Pick<CommandRecord, 'method' | 'path'> | null;
}

/**
 * Requests the profile of a gateway; `requestedBy` is the name in the record of the command. Resolves with that record when the
 * command has ended, and rejects as `commands.send` does. `timeoutMs`: left out, the default of commands.
 */
export function askForProfile(
  commands: Pick<Commands, 'send'>,
  clientid: string,
  requestedBy: string,
  timeoutMs?: number,
): Promise<CommandRecord> {
  return commands.send({ ...PROFILE_REQUEST, clientid, requestedBy, timeoutMs });
}

/** Returns the profile in an answer, whoever requested it; null if the answer holds none. */
export function profileIn({ answer, command }: ProfileAnswer): DeviceProfile | null {
  if (!isSuccess(answer.status)) return null;
  const asked = command?.method === PROFILE_REQUEST.method && command.path === PROFILE_REQUEST.path;
  const data = (answer.payload as { data?: unknown } | null)?.data;
  const isGeneral = (data as { type?: unknown } | null | undefined)?.type === 'general';
  return asked || isGeneral ? parseProfile(data) : null;
}

/**
 * Resolves with the gateway whose profile a command has read. Rejects with the code of the command if it did not succeed, and with
 * NOT_FOUND if the gateway was retired meanwhile.
 */
export async function refreshedDevice(
  registry: Registry,
  { clientid, state, reason: text, cause, reasonCode }: CommandRecord,
): Promise<Device> {
  if (state !== 'SUCCEEDED') {
    const code = (reasonCode ?? 'UNAVAILABLE') as TpeError['code'];
    const reason = { text: text ?? state, cause };
    throw new TpeError(code, profileReason('profile-not-read', { clientid, reason }));
  }
  const device = await registry.get(clientid);
  if (device === null) throw notFound(clientid);
  return device;
}
