import { cached } from './cached.js';
import { folderRepository } from './folder-repository.js';
import { httpRepository } from './http-repository.js';
import type { RepositoryOptions, SoftwareRepository } from './repository.js';

/** The repository that is configured. Throws INVALID_INPUT in words. */
export function openRepository(options: RepositoryOptions): SoftwareRepository {
  // A folder is read anew: who puts a package there wants it found.
  return options.kind === 'folder' ? folderRepository(options.folder) : cached(httpRepository(options));
}
