import type { RepositoryOptions } from '../../manager/updates/repository/repository.js';
import { textIn } from '../runtime/variables.js';

/** The software repository settings of the environment. */
export interface RepositoryEnvironment {
  /** The software repository; undefined if none is set. */
  repository: RepositoryOptions | undefined;
  /** Hosts that gateways may load packages from, in addition to those of the repository and the vendor. */
  packageHosts: string[];
}

/** Reads TPE_REPO_URL (with TPE_REPO_CERT, TPE_REPO_KEY, TPE_REPO_CA) or TPE_REPO_FOLDER, and TPE_REPO_HOSTS. */
export function readRepositoryEnvironment(variables: NodeJS.ProcessEnv): RepositoryEnvironment {
  const url = textIn(variables, 'TPE_REPO_URL');
  const folder = textIn(variables, 'TPE_REPO_FOLDER');
  return {
    repository: repositoryOf({
      url,
      folder,
      certFile: textIn(variables, 'TPE_REPO_CERT'),
      keyFile: textIn(variables, 'TPE_REPO_KEY'),
      caFile: textIn(variables, 'TPE_REPO_CA'),
    }),
    packageHosts: hostsIn(textIn(variables, 'TPE_REPO_HOSTS')),
  };
}

/** The options of a repository. A URL takes precedence over a folder; undefined if there is neither. */
export function repositoryOf(given: {
  url?: string;
  folder?: string;
  certFile?: string;
  keyFile?: string;
  caFile?: string;
}): RepositoryOptions | undefined {
  const { url, folder, ...files } = given;
  if (url !== undefined) return { kind: 'http', url, ...files };
  return folder === undefined ? undefined : { kind: 'folder', folder };
}

/** Splits a text into host names, which are separated by commas or white space. */
export function hostsIn(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((host) => host !== '');
}
