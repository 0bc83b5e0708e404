import type { DeviceManager } from '../../manager/device-manager.js';
import type { Credential } from '../../manager/registry/device.js';
import { passwordFile } from '../../manager/registry/files/password-file.js';
import type { Separator } from '../../manager/shared/files/csv-records.js';

/** A file of generated passwords. Passwords are shown only once, so a person has to save this file. */
export interface MadePasswords {
  count: number;
  file: string;
}

/** Creates the file of passwords from `credentials`; null if there are no credentials. `separator` is the one of the CSV file. */
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

/** Returns the credential in a list if its password was generated, else an empty list, because the caller knows a chosen password. */
export function madeOf(credential: Credential): Credential[] {
  return credential.generated ? [credential] : [];
}
