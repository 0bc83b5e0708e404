import { accessSync, constants } from 'node:fs';
import { makePrivate } from '../../manager/shared/private-folder.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';

/**
 * Creates the data folder if it is missing, and denies other users of the machine access to it and its files. Files that this process and
 * its children write later are also private, because Node-RED stores access data for its editor in clear text. Returns a sentence about
 * what is still open to others; null if nothing is. Throws UNAVAILABLE if the folder cannot be created or written.
 */
export function prepareDataFolder(folder: string): string | null {
  process.umask(0o077);
  try {
    const warning = makePrivate(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return warning;
  } catch (error) {
    throw new TpeError(
      'UNAVAILABLE',
      `The data folder ${folder} cannot be written (${messageOf(error)}): correct its permissions, or set another folder in TPE_DATA_DIR.`,
      {},
      error,
    );
  }
}
