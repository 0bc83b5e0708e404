import { accessSync, constants } from 'node:fs';
import { makePrivate } from '../../manager/shared/private-folder.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';

/**
 * Makes the folder where it is missing, and closes it and what is in it to other users of the machine. From here on that
 * holds for whatever this process and its children write: Node-RED keeps there, in clear, what opens its editor. Returns
 * what could not be closed, in a sentence; null where nothing is open. UNAVAILABLE when the folder cannot be made, or
 * nothing can be written into it.
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
