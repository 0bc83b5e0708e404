import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson, whyNoJson } from '../../shared/json-bounds.js';
import { TpeError } from '../../shared/tpe-error.js';
import { listIn } from './list-in.js';
import { forModel, readPackages } from './package-list.js';
import type { SoftwareRepository } from './repository.js';
import { repositoryReason } from './repository-reasons.js';

const FILE = 'packages.json';
const MB = 1024 * 1024;
const LARGEST = 16 * MB;

/** Creates a repository from a folder with a file packages.json, in the form of the vendor's answers. The file is read at each question. */
export function folderRepository(folder: string): SoftwareRepository {
  const file = join(folder, FILE);
  return {
    place: file,
    async packages(category, model) {
      return forModel(readPackages(await load(file), category), model);
    },
    close: () => undefined,
  };
}

async function load(file: string): Promise<unknown[]> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST) {
      const tooLarge = repositoryReason('repository-file-too-large', { size: LARGEST / MB });
      throw new TpeError('UNREADABLE', tooLarge);
    }
    return listIn(parseJson(await readFile(file, 'utf8'))).list;
  } catch (error) {
    const fault = error instanceof TpeError ? error.reason : whyNoJson(error);
    throw new TpeError('UNAVAILABLE', repositoryReason('repository-file-not-readable', { file, fault }));
  }
}
