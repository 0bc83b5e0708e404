import type { DeviceManager } from '../../manager/device-manager.js';
import type { Credential } from '../../manager/registry/device.js';
import { passwordFile } from '../../manager/registry/files/password-file.js';
import type { Separator } from '../../manager/shared/files/csv-records.js';

/** Generated passwords, as a file: they are shown once. */
export interface MadePasswords {
  count: number;
  file: string;
}

/** Null where none were made. */
export async function passwordsOf(
  manager: Pick<DeviceManager, 'mqttSettings'>,
  credentials: readonly Credential[],
  separator?: Separator,
): Promise<MadePasswords | null> {
  if (credentials.length === 0) return null;
  return {
    count: credentials.length,
    file: await passwordFile(credentials, manager.mqttSettings(), separator),
  };
}

/** Only a generated password is returned: the caller knows a chosen one. */
export function madeOf(credential: Credential): Credential[] {
  return credential.generated ? [credential] : [];
}
