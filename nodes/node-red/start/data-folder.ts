import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { writePrivateFile } from '../../manager/accounts/private-file.js';
import { messageOf, TpeError } from '../../manager/tpe-error.js';

/** Makes the folder where it is missing. UNAVAILABLE when that fails or nothing can be written into it. */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new TpeError(
      'UNAVAILABLE',
      `The data folder ${folder} cannot be written (${messageOf(error)}): mend its permissions, or name another in TPE_DATA_DIR.`,
      {},
      error,
    );
  }
}

/** Puts the bundled flow into a data folder that has none yet; a flow that is there is the user's. */
export function placeFlow(bundled: string, flowFile: string): void {
  if (!existsSync(flowFile)) writePrivateFile(flowFile, readFileSync(bundled, 'utf8'));
}
