import { type FieldFault, type FieldValues, fault } from './field.js';
import type { Migration } from './migration.js';

export type Migrations = Readonly<Record<string, readonly Migration[]>>;

/**
 * The steps of each node type from version 1 on. There are none yet, because all releases store version 1. A type whose fields change
 * gets its own file: `migrations/tpe-x.ts`.
 */
export const MIGRATIONS: Migrations = {};

/** The version of a node without a version, for example in a flow that a program wrote. */
const FIRST = 1;

/** The version of the fields that the editor stores today for a node type: `version` in its defaults. */
export function newestVersion(type: string, migrations = MIGRATIONS): number {
  return FIRST + (migrations[type]?.length ?? 0);
}

/** The fields of older versions of a node type that the newest version no longer has. */
export function goneFields(type: string, migrations = MIGRATIONS): string[] {
  return [...new Set((migrations[type] ?? []).flatMap(({ gone }) => gone))];
}

/** Converts the fields of a stored node to the newest version. Returns null if they are that already, or of a newer version. */
export function newestForm(type: string, stored: FieldValues, migrations = MIGRATIONS): FieldValues | null {
  const newest = newestVersion(type, migrations);
  const version = versionOf(stored);
  if (version > newest || stored.version === newest) return null;
  const steps = (migrations[type] ?? []).slice(version - FIRST);
  const form = steps.reduce((old, { gone, next }) => without(next(old), gone), stored);
  return { ...form, version: newest };
}

/** Returns a fault if a newer version of the pack stored the node. Its fields must not be read, because their meaning may differ. */
export function newerFormFault(
  type: string,
  stored: FieldValues,
  migrations = MIGRATIONS,
): FieldFault | null {
  const version = versionOf(stored);
  const newest = newestVersion(type, migrations);
  return version > newest ? fault('newerForm', { version, newest }) : null;
}

function versionOf({ version }: FieldValues): number {
  const number = Number(version);
  return Number.isSafeInteger(number) && number > FIRST ? number : FIRST;
}

function without(form: FieldValues, names: readonly string[]): FieldValues {
  return Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));
}
