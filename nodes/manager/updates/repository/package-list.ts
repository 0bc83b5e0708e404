import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { isStorable } from '../../shared/text.js';
import type { PackageCategory, SoftwarePackage } from '../software-package.js';
import type { PackageList } from './repository.js';

const text = { type: 'string', minLength: 1, maxLength: 500 } as const;

/** One package as the repository lists it; other fields are ignored. */
const ITEM = {
  type: 'object',
  required: ['packageName', 'yamlUrl'],
  properties: {
    category: { enum: ['mil', 'tpe'] },
    packageName: text,
    displayName: { type: ['string', 'null'], maxLength: 500 },
    version: text,
    buildNumber: { type: ['string', 'integer'], maxLength: 20 },
    firmwareVersion: text,
    size: { type: ['integer', 'string', 'null'], maxLength: 20 },
    yamlUrl: { type: 'string', minLength: 1, maxLength: 2048 },
    dependency: {
      type: ['object', 'null'],
      properties: { minFirmwareVersion: { type: ['string', 'null'], maxLength: 100 } },
    },
    models: { type: 'array', maxItems: 1000, items: text },
  },
} as const;
type Item = FromSchema<typeof ITEM>;

const isItem = guard<Item>(ITEM);

const MOST = 5000;
const MAX_FAULTS = 20;

/** A package, and the models that it is for; an empty list stands for every model. */
export interface ListedPackage extends SoftwarePackage {
  models: string[];
}

/** Reads the packages of a category from a repository's list. An entry that cannot be read is named in `faults`, and stops no other. */
export function readPackages(
  list: readonly unknown[],
  category: PackageCategory,
): { packages: ListedPackage[]; faults: string[] } {
  const packages: ListedPackage[] = [];
  const faults: string[] = [];
  for (const [index, given] of list.slice(0, MOST).entries()) {
    const read = isItem(given) ? readItem(given, category) : firstFault();
    if (read === null) continue;
    if (typeof read !== 'string') packages.push(read);
    else if (faults.length < MAX_FAULTS) faults.push(`package ${index + 1}${nameOf(given)}: ${read}`);
  }
  if (list.length > MOST)
    faults.push(`${list.length - MOST} packages behind the first ${MOST} were left out`);
  return { packages, faults };
}

/** Returns the packages for a model: by its name, or by the series with which the name begins. */
export function forModel({ packages, faults }: ReturnType<typeof readPackages>, model: string): PackageList {
  const isFor = ({ models }: ListedPackage) =>
    models.length === 0 || models.some((one) => model.toLowerCase().startsWith(one.toLowerCase()));
  return { packages: packages.filter(isFor).map(({ models: _, ...software }) => software), faults };
}

/** Returns a package, or why it cannot be read; null if it is of another category. */
function readItem(item: Item, category: PackageCategory): ListedPackage | string | null {
  if (item.category !== undefined && item.category !== category) return null;
  const version = versionOf(item, category);
  if (version === null) return category === 'mil' ? 'it has no firmwareVersion' : 'it has no version';
  const size = Number(item.size ?? Number.NaN);
  const software = {
    category,
    packageName: item.packageName,
    displayName: item.displayName ?? null,
    version,
    minFirmwareVersion: item.dependency?.minFirmwareVersion || null,
    size: Number.isSafeInteger(size) && size > 0 ? size : null,
    yamlUrl: item.yamlUrl,
    models: item.models ?? [],
  };
  const isHarmless = Object.values(software).every((value) => typeof value !== 'string' || isStorable(value));
  return isHarmless ? software : 'it has characters that no text has';
}

function versionOf(
  { firmwareVersion, version, buildNumber }: Item,
  category: PackageCategory,
): string | null {
  if (category === 'mil') return firmwareVersion ?? null;
  if (version === undefined) return null;
  return buildNumber === undefined || buildNumber === '' ? version : `${version}-${buildNumber}`;
}

function firstFault(): string {
  const [fault] = isItem.errors ?? [];
  return `${fault?.instancePath.slice(1) || 'it'} ${fault?.message ?? 'is not valid'}`;
}

function nameOf(given: unknown): string {
  const name = (given as { packageName?: unknown } | null)?.packageName;
  return typeof name === 'string' ? ` (${name.slice(0, 100)})` : '';
}
