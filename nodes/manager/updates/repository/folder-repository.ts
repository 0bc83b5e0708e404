import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../shared/json-bounds.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import { listIn } from './list-in.js';
import { forModel, readPackages } from './package-list.js';
import type { SoftwareRepository } from './repository.js';

const FILE = 'packages.json';
const LARGEST = 16 * 1024 * 1024;

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
    if (size > LARGEST) throw new Error(`it is larger than ${LARGEST / 1024 / 1024} MB`);
    return listIn(parseJson(await readFile(file, 'utf8'))).list;
  } catch (error) {
    throw new TpeError('UNAVAILABLE', `The software repository ${file} cannot be read: ${messageOf(error)}.`);
  }
}
