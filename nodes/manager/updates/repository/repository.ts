import type { PackageCategory, SoftwarePackage } from '../software-package.js';

/** What a repository has for a model. */
export interface PackageList {
  packages: SoftwarePackage[];
  /** Entries that were left out, and why. */
  faults: string[];
}

/** Where packages are found. */
export interface SoftwareRepository {
  /** Its URL or file for people to read, without secrets. */
  readonly place: string;
  /** Reads the packages of a category for a model, as a gateway names it. Rejects with UNAVAILABLE, and with CLOSED when stopped. */
  packages(category: PackageCategory, model: string, signal: AbortSignal): Promise<PackageList>;
  close(): void;
}

export type RepositoryOptions =
  /** The ThingsPro Cloud repository, or a file of packages at a URL that ends in .json. */
  | { kind: 'http'; url: string; certFile?: string; keyFile?: string; caFile?: string }
  /** A folder with a file packages.json. */
  | { kind: 'folder'; folder: string };
