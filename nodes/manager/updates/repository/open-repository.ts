import { cached } from './cached.js';
import { folderRepository } from './folder-repository.js';
import { httpRepository } from './http-repository.js';
import type { RepositoryOptions, SoftwareRepository } from './repository.js';

/** Opens the configured repository. Throws INVALID_INPUT for an invalid URL and for files of certificates that cannot be read. */
export function openRepository(options: RepositoryOptions): SoftwareRepository {
  // A folder is not cached, so that a package is found as soon as it is put there.
  return options.kind === 'folder' ? folderRepository(options.folder) : cached(httpRepository(options));
}
